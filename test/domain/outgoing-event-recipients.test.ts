import { describe, expect, it, test } from 'vitest'
import {
  mailAbout,
  READ_PAYLOADS,
  takesOutgoingEvent,
} from '@boxoffice/core/domain/outgoing-events/outgoing-event-recipients.ts'
import { OUTGOING_EVENT_TYPES } from '@boxoffice/core/domain/outgoing-events/outgoing-events.ts'

describe('an endpoint takes', () => {
  it('all types but refusals, where it names none', () => {
    const left = OUTGOING_EVENT_TYPES.filter((type) => !takesOutgoingEvent([], type))
    // The index of endpoints that ask for refusals names this type (`read-snapshot.ts`).
    expect(left).toEqual(['booking_request.refused'])
    expect(takesOutgoingEvent([], 'booking.upgraded')).toBe(true)
  })

  it.each([
    [['booking.confirmed'], 'booking.confirmed', true],
    [['booking.confirmed'], 'booking.cancelled', false],
    [['booking.*'], 'booking.cancelled', true],
    [['booking.*'], 'booking_request.refused', false],
    [['booking_request.*'], 'booking_request.refused', true],
    [['booking_request.refused'], 'booking_request.refused', true],
  ])('by %j of %s: %s', (filters, type, takes) => {
    expect(takesOutgoingEvent(filters, type)).toBe(takes)
  })
})

describe('the mail about', () => {
  it.each([
    ['booking.confirmed', null, 'confirmation'],
    ['booking.cancelled', { previousStatus: 'confirmed', reason: 'customer' }, 'cancellation'],
    ['booking.cancelled', { previousStatus: 'pending', reason: 'organizer' }, 'cancellation'],
    ['booking.cancelled', { previousStatus: 'pending', reason: 'expired' }, null],
    ['refund.completed', { refundId: 'r', amount: 1 }, 'refund'],
    ['refund.failed', null, null],
    ['showtime.updated', { startsAt: '2026-11-22T18:00:00.000Z' }, 'move'],
    ['showtime.updated', { maxSeatsPerBooking: 4 }, null],
    ['event.updated', { venue: 'Old Harbour' }, 'move'],
    ['event.updated', { timeZone: 'Europe/Lisbon' }, 'move'],
    ['event.updated', { title: 'Night of Choirs' }, null],
    ['event.published', { startsAt: '2026-11-22T18:00:00.000Z' }, null],
    ['booking.upgraded', null, null],
    ['toString', null, null],
  ])('%s %j is %j', (type, payload, kind) => {
    expect(mailAbout({ type, payload })).toBe(kind)
  })
})

test('publishing reads the payloads of those types alone whose mail depends on them', () => {
  expect(READ_PAYLOADS).toEqual(['booking.cancelled', 'refund.completed', 'showtime.updated', 'event.updated'])
})
