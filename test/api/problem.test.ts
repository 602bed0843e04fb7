import { expect, it } from 'vitest'
import { Problem } from '@boxoffice/core/use-case/problem.ts'

it("does not look for where a client's mistake was found, but for where a fault was", () => {
  const before = Error.stackTraceLimit
  expect(new Problem('too_many_requests').stack).not.toContain('problem.test.ts')
  expect(new Problem('internal_error').stack).toContain('problem.test.ts')
  expect(Error.stackTraceLimit).toBe(before)
})
