import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatNetwork, parseNetwork, widened } from '@boxoffice/core/domain/network.ts'

const written = (text: string) => {
  const network = parseNetwork(text)
  return network === null ? null : formatNetwork(network)
}

describe('a network', () => {
  test.each([
    ['198.51.100.0/24', '198.51.100.0/24'],
    ['198.51.100.7', '198.51.100.7/32'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['2001:0db8:0000:0001::/64', '2001:db8:0:1::/64'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1/128'],
    ['::/0', '::/0'],
    ['::1', '::1/128'],
    ['0:0:0:10:0:0:0:0', '0:0:0:10::/128'],
    ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4/128'],
    ['fe80::/64', 'fe80::/64'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8/128'],
  ])('%s is written %s', (text, expected) => {
    expect(written(text)).toBe(expected)
    expect(written(expected)).toBe(expected)
  })

  test.each([
    '',
    'campus',
    '198.51.100.7/24',
    '198.51.100.0/33',
    '198.51.100.0/',
    '198.51.100.0/24/24',
    '198.51.100/24',
    '198.51.100.256',
    '198.51.100.01',
    '198.51.100.0.',
    '2001:db8::1/64',
    '2001:db8::/129',
    '2001:db8:::/64',
    '2001:db8::1::/64',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    '::ffff:198.51.100.7',
    'fe80::1%eth0',
    ' 198.51.100.0/24',
    '-1.0.0.0',
  ])('%j is none', (text) => {
    expect(parseNetwork(text)).toBeNull()
  })

  test('is read as Node reads addresses, and holds those that begin with its bits', () => {
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6().filter((text) => !text.includes('.')),
    )
    fc.assert(
      fc.property(address, fc.nat({ max: 128 }), (text, length) => {
        const whole = parseNetwork(text)
        if (whole === null) throw new Error(`${text} is an address`)
        const bits = Math.min(length, whole.bits)
        const wide = widened(whole, bits)
        expect(parseNetwork(formatNetwork(wide))).toEqual(wide)
        const [name = ''] = formatNetwork(wide).split('/')
        expect(isIP(name)).toBe(whole.version)
        const list = new BlockList()
        list.addSubnet(name, bits, whole.version === 4 ? 'ipv4' : 'ipv6')
        expect(list.check(text, whole.version === 4 ? 'ipv4' : 'ipv6')).toBe(true)
      }),
    )
  })
})
