import { REFUSAL_CODES, type RefusalCode } from '@boxoffice/core/domain/refusals/refusal.ts'
import { isNews, NEWS_FOR_MS } from '@boxoffice/core/domain/refusals/refusal-news.ts'
import { describe, expect, test } from 'vitest'
import { ACCEPTED_AT } from './snapshots.ts'

const BY_COMPETITION: readonly RefusalCode[] = [
  'customer_limit_reached',
  'tickets_unavailable',
  'quota_exhausted',
  'area_full',
  'single_seat_left',
  'seat_unavailable',
  'promo_exhausted',
]

const newsAmong = (changedAt: number | null, { announcesRefusals = false, changedInBatch = false } = {}) =>
  REFUSAL_CODES.filter((code) =>
    isNews({ code }, { acceptedAt: ACCEPTED_AT }, { changedAt, announcesRefusals }, changedInBatch),
  )

describe('a refusal is news', () => {
  test.each([
    ['has never changed', null],
    ['last changed more than a minute before the request', ACCEPTED_AT - NEWS_FOR_MS - 1],
  ])('only where it is our own error, if the inventory %s', (_, changedAt) => {
    expect(newsAmong(changedAt)).toEqual(['internal_error'])
  })

  test.each([
    ['within the minute before the request', ACCEPTED_AT - NEWS_FOR_MS],
    ['while the request waited in line', ACCEPTED_AT + 3_600_000],
  ])('if somebody was faster, and the inventory changed %s', (_, changedAt) => {
    expect(newsAmong(changedAt)).toEqual([...BY_COMPETITION, 'internal_error'])
  })

  test('if somebody was faster in the same batch', () => {
    expect(newsAmong(null, { changedInBatch: true })).toEqual([...BY_COMPETITION, 'internal_error'])
  })

  test('whatever it says, where an endpoint asks for it by name', () => {
    expect(newsAmong(null, { announcesRefusals: true })).toEqual(REFUSAL_CODES)
  })

  test('where nothing could be read, only if that is the error', () => {
    const among = REFUSAL_CODES.filter((code) => isNews({ code }, { acceptedAt: ACCEPTED_AT }, undefined, true))
    expect(among).toEqual(['internal_error'])
  })
})
