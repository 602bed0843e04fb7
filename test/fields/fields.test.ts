import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { createVenue } from '@boxoffice/contract/operations/management-venues.ts'

// What the fields of the catalogue's things do not let in.

/** Pointers of what is wrong with a value. */
function pointersOf(schema: z.ZodType | undefined, value: unknown): readonly string[] {
  const issues = schema?.safeParse(value).error?.issues ?? []
  return issues.map(({ path }) => `/${path.join('/')}`)
}

describe('a venue', () => {
  it('has every problem of its form named at once, and its time zone afterwards', () => {
    const wrong = { name: ' ', address: 'a\0b', timeZone: 'Lisbon/Europe' }
    expect(pointersOf(createVenue.body, wrong)).toEqual(['/name', '/address'])
    expect(pointersOf(createVenue.body, { ...wrong, name: 'Farol' })).toEqual(['/address', '/timeZone'])
  })
})
