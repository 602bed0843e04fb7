/** A network of IPv4 or IPv6: the addresses that begin with these bits. A single address is a network of all its bits. */
export interface Network {
  readonly version: 4 | 6
  readonly bits: number
  /** The whole address, with zeros behind its first `bits`. */
  readonly address: bigint
}

const WIDTH = { 4: 32, 6: 128 } as const

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/
const GROUP = /^[0-9a-f]{1,4}$/i
const LENGTH = /^\d{1,3}$/

/**
 * Parses a network such as `198.51.100.0/24` or `2001:db8::/32`, or one address. Returns `null` for anything else, also
 * for a network whose address goes on behind its length.
 */
export function parseNetwork(text: string): Network | null {
  const [name = '', length, ...more] = text.split('/')
  if (more.length > 0) return null
  const version = name.includes(':') ? 6 : 4
  const address = version === 6 ? parseIpv6(name) : parseIpv4(name)
  const width = WIDTH[version]
  if (address === null || (length !== undefined && !LENGTH.test(length))) return null
  const bits = length === undefined ? width : Number(length)
  if (bits > width) return null
  return firstBits(version, address, bits) === address ? { version, bits, address } : null
}

/** Returns the network of so many bits, at most its own, that a network is in. */
export function widened({ version, address }: Network, bits: number): Network {
  return { version, bits, address: firstBits(version, address, bits) }
}

/** Returns the one way in which a network is written (RFC 5952): `198.51.100.0/24`, `2001:db8::/32`. */
export function formatNetwork({ version, bits, address }: Network): string {
  return `${version === 4 ? formatIpv4(address) : formatIpv6(address)}/${bits}`
}

function firstBits(version: 4 | 6, address: bigint, bits: number): bigint {
  const rest = BigInt(WIDTH[version] - bits)
  return (address >> rest) << rest
}

function parseIpv4(text: string): bigint | null {
  if (!IPV4.test(text)) return null
  return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
}

function parseIpv6(text: string): bigint | null {
  const halves = text.split('::')
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  const isWhole = halves.length === 1 ? missing === 0 : halves.length === 2 && missing >= 1
  if (!isWhole || ![...head, ...tail].every((group) => GROUP.test(group))) return null
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail]
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n)
}

function formatIpv4(address: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 255n)).join('.')
}

function formatIpv6(address: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((address >> BigInt(112 - 16 * index)) & 0xffffn).toString(16))
  const whole = groups.join(':')
  const [longest] = [...whole.matchAll(/\b0(?::0)+\b/g)].toSorted(([a], [b]) => b.length - a.length)
  if (longest === undefined) return whole
  const { index, 0: zeros } = longest
  return `${whole.slice(0, index).replace(/:$/, '')}::${whole.slice(index + zeros.length).replace(/^:/, '')}`
}
