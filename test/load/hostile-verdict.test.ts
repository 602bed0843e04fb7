import { describe, expect, it } from 'vitest'
import type { StreamOutcome } from '../../apps/load/src/results/results.ts'
import { HONEST, streamAlone, streamBeside } from '../../apps/load/src/scenarios/flood/hostile/honest.ts'
import { hostile } from '../../apps/load/src/scenarios/flood/hostile/hostile.ts'
import { phasesOf } from '../../apps/load/src/scenarios/flood/hostile/phases.ts'
import { givenStream, NO_LATENCY } from './report-fixture.ts'

const SIZE = hostile.defaults
const QUICK = { ...SIZE, scale: 0.02 }

/** Honest buyers of each kind, alone with a p99 of 100 ms and beside hostile callers with one of 450. */
const HONEST_STREAMS = HONEST.flatMap((kind) => [
  honest({ name: streamAlone(kind), total: { ...NO_LATENCY, count: 100, p99: 100 } }),
  honest({ name: streamBeside(kind), total: { ...NO_LATENCY, count: 100, p99: 450 } }),
])

function honest(own: Partial<StreamOutcome>): StreamOutcome {
  return givenStream({ statuses: { '200': 3_000 }, refused: {}, booked: 3_000, ...own })
}

function judge(streams: readonly StreamOutcome[], size = SIZE): readonly string[] | undefined {
  const outcome = { streams, ticks: [], watchers: null, lag: NO_LATENCY, ownLag: NO_LATENCY }
  return hostile.verdict?.(outcome, size)
}

/** Judges the same with some other buyers of an event that is attacked. */
const judgeWith = (own: Partial<StreamOutcome>, size = SIZE) => {
  const name = streamBeside('the attacked event')
  return judge(
    HONEST_STREAMS.map((stream) => (stream.name === name ? { ...stream, ...own } : stream)),
    size,
  )
}

describe('beside hostile callers', () => {
  it('all is well where honest buyers wait twice as long and 250 ms', () => {
    expect(judge(HONEST_STREAMS)).toEqual([])
  })

  it('they must not wait longer, at full scale', () => {
    const slow = { total: { ...NO_LATENCY, count: 100, p99: 450.5 } }
    expect(judgeWith(slow)).toEqual([
      'the attacked event: the p99 to the outcome was 450.5 ms beside hostile callers, more than 450 ms (2 times 100 ms alone, and 250 ms).',
    ])
    expect(judgeWith(slow, QUICK)).toEqual([])
  })

  it('they must not be refused, throttled, left without an outcome or unsent, at any scale', () => {
    const bad = { refused: { too_many_requests: 2, seat_unavailable: 1 }, undecided: 3, unsent: 4, booked: 0 }
    for (const size of [SIZE, QUICK]) {
      expect(judgeWith(bad, size)).toEqual([
        'the attacked event, beside: 2 were refused (too_many_requests).',
        'the attacked event, beside: 1 were refused (seat_unavailable).',
        'the attacked event, beside: 3 had no outcome.',
        'the attacked event, beside: 4 could not be sent.',
        'the attacked event, beside: nobody got a ticket.',
      ])
    }
  })

  it('every kind of caller has to have come', () => {
    expect(judge([...HONEST_STREAMS, givenStream({ name: 'reports', sent: 0 })])).toEqual(['Nobody came: reports.'])
    expect(judge(HONEST_STREAMS.slice(1))).toEqual(['The run had no honest buyers of other events.'])
  })

  it('bookings of far too many tickets must be turned away, at full scale', () => {
    const taken = givenStream({ name: 'stuffed batches, too large', statuses: { '200': 1, '202': 2, '422': 5 } })
    expect(judge([...HONEST_STREAMS, taken])).toEqual(['3 booking requests of far too many tickets were accepted.'])
    expect(judge([...HONEST_STREAMS, taken], QUICK)).toEqual([])
  })
})

describe('the phases', () => {
  it('come one after the other, and refusals are measured while nobody else comes', () => {
    const { alone, refusals, hostile: attack, beside } = phasesOf(50_000)
    expect(alone.untilMs).toBeLessThan(refusals.fromMs)
    expect(refusals.untilMs).toBeLessThan(attack.fromMs)
    expect(attack.fromMs).toBeLessThan(beside.fromMs)
    expect([attack.untilMs, beside.untilMs]).toEqual([50_000, 50_000])
    expect(beside.untilMs - beside.fromMs).toBeCloseTo(alone.untilMs - alone.fromMs, 6)
  })
})
