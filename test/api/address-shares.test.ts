import { describe, expect, it } from 'vitest'
import { AddressShares } from '../../apps/api/src/admission/address-shares.ts'
import { networksOf } from '../../apps/api/src/admission/client-address.ts'

/** Takes places one after the other until there is no room; returns how many. */
function takeAll(shares: AddressShares, address: string): number {
  const networks = networksOf(address)
  let taken = 0
  for (; shares.hasRoom(networks, 1); taken++) shares.take(networks, 1)
  return taken
}

describe('the share of addresses', () => {
  const TOTAL = 10_000

  it('is taken by ten addresses where each may have a tenth: the control', () => {
    const limit = TOTAL / 10
    const left = Array.from({ length: 10 }).reduce<number>((all) => all - Math.min(limit, all), TOTAL)
    expect(left).toBe(0)
  })

  it('is not taken by ten addresses, nor by fifty: there is some left for the next one', () => {
    const shares = new AddressShares({ total: TOTAL, perAddress: 1_000 })
    for (let index = 1; index <= 10; index++) takeAll(shares, `203.0.113.${index}`)
    expect(shares.used).toBeLessThan(TOTAL * 0.75)
    for (let index = 11; index <= 50; index++) takeAll(shares, `203.0.113.${index}`)
    expect(shares.used).toBeLessThan(TOTAL)
    expect(takeAll(shares, '198.51.100.1')).toBeGreaterThan(0)
  })

  it('is shared by all of a /56 and of a /48', () => {
    const shares = new AddressShares({ total: TOTAL, perAddress: 100 })
    expect(takeAll(shares, '2001:db8:1:200::1')).toBe(100)
    expect(takeAll(shares, '2001:db8:1:200::2')).toBe(0)
    for (let index = 1; index < 256; index++) takeAll(shares, `2001:db8:1:2${index.toString(16).padStart(2, '0')}::1`)
    expect(shares.used).toBe(200)
    for (let index = 3; index < 256; index++) takeAll(shares, `2001:db8:1:${index.toString(16)}00::1`)
    expect(shares.used).toBe(400)
    expect(takeAll(shares, '2001:db8:2::1')).toBe(100)
  })

  it('is free again once it was given back', () => {
    const shares = new AddressShares({ total: TOTAL, perAddress: 3 })
    const networks = networksOf('2001:db8::1')
    expect(takeAll(shares, '2001:db8::1')).toBe(3)
    shares.giveBack(networks, 3)
    expect(shares.used).toBe(0)
    expect(takeAll(shares, '2001:db8::1')).toBe(3)
  })
})
