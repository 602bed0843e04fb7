import {
  BOOKING_STATUSES,
  BOOKING_TRANSITIONS,
  PAYMENT_STATUSES,
  PAYMENT_TRANSITIONS,
  allowedTransitions,
  canTransition,
  isTerminal,
} from '@boxoffice/core/domain/booking-status.ts'
import type { Transitions } from '@boxoffice/core/domain/booking-status.ts'
import { describe, expect, test } from 'vitest'

describe('the status of a booking', () => {
  test('changes by this table and no other way', () => {
    expect(allPairs(BOOKING_TRANSITIONS, BOOKING_STATUSES)).toEqual([
      'pending -> confirmed',
      'pending -> cancelled',
      'confirmed -> completed',
      'confirmed -> cancelled',
      'confirmed -> no_show',
    ])
    expect(allowedTransitions(BOOKING_TRANSITIONS, 'pending')).toEqual(['confirmed', 'cancelled'])
  })

  test('is terminal when cancelled, completed or no_show', () => {
    expect(BOOKING_STATUSES.filter((status) => isTerminal(BOOKING_TRANSITIONS, status))).toEqual([
      'completed',
      'cancelled',
      'no_show',
    ])
  })

  test('has every state reachable, every terminal one closed, and none that follows itself', () => {
    expect(faultsOf(BOOKING_TRANSITIONS, BOOKING_STATUSES)).toEqual([])
  })
})

test('a faulty table would be noticed', () => {
  const faulty: Transitions<'start' | 'loop' | 'lost'> = { start: ['loop'], loop: ['loop'], lost: ['start'] }
  expect(faultsOf(faulty, ['start', 'loop', 'lost'])).toEqual([
    'lost is out of reach',
    'loop loops',
    'nothing is terminal',
  ])
})

describe('the status of a payment', () => {
  test('changes by this table and no other way', () => {
    expect(allPairs(PAYMENT_TRANSITIONS, PAYMENT_STATUSES)).toEqual([
      'pending -> processing',
      'pending -> completed',
      'pending -> failed',
      'processing -> completed',
      'processing -> failed',
      'completed -> partially_refunded',
      'completed -> refunded',
      'failed -> completed',
      'partially_refunded -> refunded',
    ])
  })

  test('is terminal when refunded; a failed one may turn out to have been paid', () => {
    expect(PAYMENT_STATUSES.filter((status) => isTerminal(PAYMENT_TRANSITIONS, status))).toEqual(['refunded'])
  })

  test('has every state reachable, every terminal one closed, and none that follows itself', () => {
    expect(faultsOf(PAYMENT_TRANSITIONS, PAYMENT_STATUSES)).toEqual([])
  })
})

/** Returns the transitions in the order of the statuses, then of the statuses that they lead to. */
function allPairs<Status extends string>(transitions: Transitions<Status>, statuses: readonly Status[]): string[] {
  return statuses.flatMap((from) =>
    statuses.filter((to) => canTransition(transitions, from, to)).map((to) => `${from} -> ${to}`),
  )
}

/** Returns the faults of a table of transitions whose first status is the initial one. */
function faultsOf<Status extends string>(transitions: Transitions<Status>, statuses: readonly Status[]): string[] {
  const reached = new Set(statuses.slice(0, 1))
  for (const status of reached) for (const next of transitions[status]) reached.add(next)

  const known = new Set<string>(statuses)
  const terminal = statuses.filter((status) => isTerminal(transitions, status))
  return [
    ...Object.keys(transitions)
      .filter((status) => !known.has(status))
      .map((status) => `${status} is unknown`),
    ...[...reached].filter((status) => !known.has(status)).map((status) => `${status} is unknown`),
    ...statuses.filter((status) => !reached.has(status)).map((status) => `${status} is out of reach`),
    ...statuses.filter((status) => canTransition(transitions, status, status)).map((status) => `${status} loops`),
    ...terminal
      .filter((status) => statuses.some((to) => canTransition(transitions, status, to)))
      .map((s) => `${s} leads on`),
    ...(terminal.length === 0 ? ['nothing is terminal'] : []),
  ]
}
