import { describe, expect, test } from 'vitest'
import { isWrongCode, overRefusals, refusalWeight } from '@boxoffice/core/domain/refusals/refusal-budget.ts'
import { REFUSAL_CODES, type RefusalCode } from '@boxoffice/core/domain/refusals/refusal.ts'

/** The default budgets of a caller and of an IPv4 address. */
const CALLER = 600
const ADDRESS = 6_000
/** Guest sessions of an address in ten minutes, by default. */
const SESSIONS = 1_000

const over = (points: number, ofAddress: number) =>
  overRefusals({ points, budget: CALLER }, [{ points: ofAddress, budget: ADDRESS }], false)

describe('a refusal weighs', () => {
  test('ten times as much where the request could have known it', () => {
    expect(refusalWeight({ code: 'invalid_seat' })).toBe(10 * refusalWeight({ code: 'seat_unavailable' }))
    expect(refusalWeight({ code: 'seat_unavailable' })).toBe(1)
  })

  test('nothing where it is our fault, and something in all other cases', () => {
    const free = REFUSAL_CODES.filter((code) => refusalWeight({ code }) === 0)
    expect(free).toEqual(['internal_error'])
  })

  test('one point where only a newer worker knows the reason', () => {
    expect(refusalWeight({ code: 'a_newer_one' as RefusalCode })).toBe(1)
  })
})

test('a guesser of promo codes hears these refusals', () => {
  const heard = REFUSAL_CODES.filter((code) => isWrongCode({ code }))
  expect(heard).toEqual(['code_required', 'promo_invalid', 'promo_not_active'])
})

describe('a caller is stopped', () => {
  test('once its own budget is used up, whatever its address has done', () => {
    expect(over(CALLER - 1, 0)).toBeNull()
    expect(over(CALLER, 0)).toBe('caller')
    expect(over(CALLER, ADDRESS)).toBe('caller')
  })

  test('once it has used a tenth of it, where its address is over its own', () => {
    expect(over(59, ADDRESS)).toBeNull()
    expect(over(60, ADDRESS)).toBe('shared')
    expect(over(60, ADDRESS - 1)).toBeNull()
  })

  test('where the widest of its networks is over, too', () => {
    const networks = [1, 4, 16].map((times) => ({ points: 16 * ADDRESS, budget: times * ADDRESS }))
    const [narrow, , wide] = networks
    expect(overRefusals({ points: 60, budget: CALLER }, networks, false)).toBe('shared')
    expect(wide && overRefusals({ points: 60, budget: CALLER }, [wide], false)).toBe('shared')
    expect(narrow && overRefusals({ points: 60, budget: CALLER }, [{ ...narrow, points: 0 }], false)).toBeNull()
  })

  test('at once where it sells and its organizer is over its budget, for an organizer makes as many keys as it likes', () => {
    expect(overRefusals({ points: 0, budget: CALLER }, [{ points: ADDRESS, budget: ADDRESS }], true)).toBe('shared')
    expect(overRefusals({ points: 0, budget: CALLER }, [{ points: ADDRESS - 1, budget: ADDRESS }], true)).toBeNull()
  })

  test('never by its address where it has none that counts', () => {
    expect(overRefusals({ points: CALLER - 1, budget: CALLER }, [], false)).toBeNull()
  })
})

test('five thousand honest people of one address are all heard when a sale is sold out', () => {
  // Each tries five times, and is refused each time because others were quicker.
  let address = 0
  for (let person = 0; person < 5_000; person++) {
    for (let refused = 0; refused < 5; refused++) {
      expect(over(refused * refusalWeight({ code: 'tickets_unavailable' }), address)).toBeNull()
      address += refusalWeight({ code: 'tickets_unavailable' })
    }
  }
  expect(address).toBeGreaterThan(4 * ADDRESS)
})

test('a script that begins all sessions of an address gets few refusals more than the budget', () => {
  let address = 0
  let sent = 0
  // The sessions of ten minutes, each of which sends as long as it is let in.
  for (let session = 0; session < SESSIONS; session++) {
    for (let own = 0; over(own, address) === null; own += refusalWeight({ code: 'invalid_seat' })) {
      address += refusalWeight({ code: 'invalid_seat' })
      sent++
    }
  }
  // The number without the rule would be 30,000: three thousand booking requests a minute.
  expect(sent).toBeLessThan(7_000)
})
