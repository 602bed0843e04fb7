import { isIP } from 'node:net'

/** Part of the internet whose addresses count together. */
export interface AddressBlock {
  /** Unique over all blocks: `203.0.113.7`, `2001:db8:0:100::/56`. */
  readonly key: string
  /** Multiplies what one address may have: a larger block has more people in it. */
  readonly factor: number
}

/**
 * Sizes of IPv6 blocks that providers hand out, in bits. One customer has at least a /64, which counts as one address; a
 * home often has a /56 and a company a /48, which are 256 and 65,536 of them.
 */
const IPV6_BLOCKS = [
  { bits: 64, factor: 1 },
  { bits: 56, factor: 2 },
  { bits: 48, factor: 4 },
] as const

/** Returns the blocks that an address counts for, smallest first. What is no address is one block of its own. */
export function addressBlocks(address: string): readonly AddressBlock[] {
  const [plain = ''] = address.split('%')
  const groups = isIP(plain) === 6 ? ipv6Groups(plain) : null
  if (groups === null) return [{ key: plain, factor: 1 }]
  const mapped = mappedIpv4(groups)
  if (mapped !== null) return [{ key: mapped, factor: 1 }]
  return IPV6_BLOCKS.map(({ bits, factor }) => ({ key: `${networkOf(groups, bits)}/${bits}`, factor }))
}

/** Returns the eight 16-bit numbers of a valid IPv6 address. */
function ipv6Groups(address: string): readonly number[] {
  const [head = '', tail] = address.split('::')
  const before = numbersOf(head)
  if (tail === undefined) return before
  const after = numbersOf(tail)
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]
}

function numbersOf(part: string): readonly number[] {
  if (part === '') return []
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })
}

/** Returns the IPv4 address within `::ffff:0:0/96` (RFC 4291 section 2.5.5.2), or `null`. */
function mappedIpv4(groups: readonly number[]): string | null {
  const [high = 0, low = 0] = groups.slice(6)
  if (groups[5] !== 0xffff || groups.slice(0, 5).some((group) => group !== 0)) return null
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function networkOf(groups: readonly number[], bits: number): string {
  const kept = groups.slice(0, Math.ceil(bits / 16)).map((group, index) => {
    const surplus = Math.max(0, (index + 1) * 16 - bits)
    return (group >> surplus) << surplus
  })
  return `${kept.map((group) => group.toString(16)).join(':')}::`
}
