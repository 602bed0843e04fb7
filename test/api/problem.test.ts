import { expect, it, describe } from 'vitest'
import { Problem, isProblem, notFound, transitionRefused } from '@boxoffice/core/use-case/problem.ts'

describe('a problem', () => {
  it("does not look for where a client's mistake was found, but for where a fault was", () => {
    const before = Error.stackTraceLimit
    expect(new Problem('too_many_requests').stack).not.toContain('problem.test.ts')
    expect(new Problem('overloaded').stack).not.toContain('problem.test.ts')
    expect(new Problem('internal_error').stack).toContain('problem.test.ts')
    expect(Error.stackTraceLimit).toBe(before)
  })

  it('has the sentence of the table, or the title, unless it has one of its own', () => {
    expect(new Problem('overloaded').message).toBe('Nothing was accepted; retry later.')
    expect(new Problem('idempotency_key_reused').message).toBe('The idempotency key was used with another body.')
    expect(new Problem('overloaded', { detail: 'Not now.' }).message).toBe('Not now.')
  })

  it('has the time of the table unless it has one of its own, or says that there is none', () => {
    expect(new Problem('unavailable').retryAfterSeconds).toBe(1)
    expect(new Problem('unavailable', { retryAfterSeconds: 10 }).retryAfterSeconds).toBe(10)
    expect(new Problem('unavailable', { retryAfterSeconds: null }).retryAfterSeconds).toBeNull()
    expect(new Problem('not_found').retryAfterSeconds).toBeNull()
  })

  it('is known by its code', () => {
    expect(isProblem(notFound('booking'), 'forbidden', 'not_found')).toBe(true)
    expect(isProblem(notFound('booking'), 'forbidden')).toBe(false)
    expect(isProblem(Object.assign(new Error('another'), { code: 'not_found' }), 'not_found')).toBe(false)
  })
})

it.each([
  [['cancelled', 'confirmed'], 'The booking is pending, and can only become cancelled or confirmed.'],
  [[], 'The booking is pending, which is final.'],
])('a refused change of status names what is allowed: %j', (allowed, detail) => {
  const refused = transitionRefused('booking', 'pending', allowed)
  expect(refused).toMatchObject({ code: 'invalid_transition', message: detail, facts: { current: 'pending', allowed } })
})
