import { saleState } from '@boxoffice/core/domain/sale-window.ts'
import { describe, expect, test } from 'vitest'

const MINUTE = 60_000
const FESTIVAL = { kind: 'event', startsAt: 0, endsAt: 3 * 86_400_000, salesStartAt: null, salesEndAt: null } as const
const FILM = { ...FESTIVAL, kind: 'showtime', endsAt: 120 * MINUTE } as const

describe('the public may buy', () => {
  test.each([
    ['a festival on its second day', FESTIVAL, 86_400_000, 'open'],
    ['a festival until its end', FESTIVAL, FESTIVAL.endsAt - 1, 'open'],
    ['no festival that is over', FESTIVAL, FESTIVAL.endsAt, 'over'],
    ['a film while the trailers run', FILM, 15 * MINUTE - 1, 'open'],
    ['no film later', FILM, 15 * MINUTE, 'ended'],
    ['no film that is over', FILM, FILM.endsAt, 'over'],
    ['nothing before its sale', { ...FILM, salesStartAt: -MINUTE }, -MINUTE - 1, 'early'],
    ['from its first moment', { ...FILM, salesStartAt: -MINUTE }, -MINUTE, 'open'],
    ['nothing from the end of its sale on', { ...FESTIVAL, salesEndAt: -MINUTE }, -MINUTE, 'ended'],
    ['nothing after its end, whatever the window says', { ...FILM, salesEndAt: 500 * MINUTE }, FILM.endsAt, 'over'],
  ] as const)('%s', (_, times, atMs, state) => {
    expect(saleState(times, atMs, 'public')).toBe(state)
  })
})

test('the house sells until the end, whatever the window says', () => {
  const times = { ...FILM, salesStartAt: -MINUTE, salesEndAt: 0 }
  const states = [-2 * MINUTE, 0, FILM.endsAt - 1, FILM.endsAt].map((atMs) => saleState(times, atMs, 'house'))
  expect(states).toEqual(['open', 'open', 'open', 'over'])
})
