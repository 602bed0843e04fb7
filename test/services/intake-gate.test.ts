import { describe, expect, it } from 'vitest'
import { IntakeGate } from '../../apps/api/src/overload/intake-gate.ts'

/** The address that everybody comes from, unless said otherwise. */
const ONE = '192.0.2.1'

interface Load {
  /** People who come in a millisecond. */
  readonly arrivals: number
  /** Number of those inside that get in line in a millisecond. */
  readonly served: number
  readonly forMs: number
  readonly from?: number
}

/** Has a gate let in whoever comes while the process works on those inside, in order. */
function run(gate: IntakeGate, { arrivals, served, forMs, from = 0 }: Load) {
  const waiting: number[] = []
  const waits: number[] = []
  let refused = 0
  for (let ms = from; ms < from + forMs; ms++) {
    for (let n = 0; n < arrivals; n++) {
      if (gate.enter(ONE, ms)) waiting.push(ms)
      else refused += 1
    }
    for (let n = 0; n < served && waiting.length > 0; n++) {
      waits.push(ms - (waiting.shift() ?? ms))
      gate.leave(ONE, ms, true)
    }
  }
  const late = waits.slice(Math.floor(waits.length / 2))
  return { done: waits.length, refused, longestMs: Math.max(...waits), longestLaterMs: Math.max(...late) }
}

/** Has all leave that are inside. */
function empty(gate: IntakeGate, nowMs: number): void {
  while (gate.inside > 0) gate.leave(ONE, nowMs, false)
}

describe('the gate of intake', () => {
  it('lets everybody in while the process keeps up', () => {
    expect(run(new IntakeGate(), { arrivals: 3, served: 3, forMs: 5_000 })).toMatchObject({ refused: 0, done: 15_000 })
  })

  it('lets a moment’s crowd in', () => {
    const gate = new IntakeGate()
    run(gate, { arrivals: 8, served: 2, forMs: 3_000 })
    empty(gate, 3_000)
    // A thousand at once are half a second's work, and nobody else comes.
    for (let n = 0; n < 1_000; n++) expect(gate.enter(ONE, 10_000)).toBe(true)
    expect(gate.enter(ONE, 10_000)).toBe(false)
  })

  it('turns away what comes beyond the process, all the time, and never lets it run out of work for that', () => {
    const { done, refused, longestMs, longestLaterMs } = run(new IntakeGate(), {
      arrivals: 6,
      served: 2,
      forMs: 10_000,
    })
    expect(done).toBe(20_000)
    expect(refused).toBeGreaterThan(39_000)
    expect(longestMs).toBeLessThan(1_000)
    // 256 of them, at two a millisecond.
    expect(longestLaterMs).toBeLessThanOrEqual(129)
  })

  it('turns nobody away of 200 who wait for their answers, however slow the process is', () => {
    const gate = new IntakeGate()
    for (let n = 0; n < 200; n++) expect(gate.enter(ONE, 0)).toBe(true)
    for (let ms = 1; ms < 30_000; ms += 2) {
      gate.leave(ONE, ms, true)
      expect(gate.enter(ONE, ms)).toBe(true)
    }
  })

  it('learns how fast the process is, and that it has become slower', () => {
    const gate = new IntakeGate()
    run(gate, { arrivals: 12, served: 4, forMs: 3_000 })
    expect(gate.most(3_000)).toBeGreaterThan(360)
    expect(gate.most(3_000)).toBeLessThanOrEqual(400)
    empty(gate, 3_000)
    const { longestMs, longestLaterMs } = run(gate, { arrivals: 3, served: 1, forMs: 10_000, from: 3_001 })
    // No fewer than fill a write.
    expect(gate.most(13_001)).toBe(256)
    expect(longestMs).toBeLessThan(2_100)
    expect(longestLaterMs).toBeLessThanOrEqual(257)
  })

  it('forgets nothing of that while there is little to do', () => {
    const gate = new IntakeGate()
    run(gate, { arrivals: 12, served: 4, forMs: 3_000 })
    empty(gate, 3_000)
    gate.enter(ONE, 3_600)
    gate.leave(ONE, 3_601, true)
    const learned = gate.most(3_700)
    expect(learned).toBeGreaterThan(1_800)
    for (let ms = 3_700; ms < 60_000; ms += 50) {
      expect(gate.enter(ONE, ms)).toBe(true)
      gate.leave(ONE, ms + 5, true)
    }
    expect(gate.most(60_000)).toBe(learned)
  })

  it('lets as many in as fill a write, however slow the process is, and counts those that left without a place', () => {
    const gate = new IntakeGate()
    for (let n = 0; n < 256; n++) expect(gate.enter(ONE, n)).toBe(true)
    for (let ms = 256; ms < 30_000; ms += 10) gate.enter(ONE, ms)
    expect(gate.most(30_000)).toBe(256)
    while (gate.inside > 256) gate.leave(ONE, 30_000, false)
    expect(gate.enter(ONE, 30_001)).toBe(false)
    gate.leave(ONE, 30_002, false)
    expect(gate.enter(ONE, 30_003)).toBe(true)
    expect(gate.turnedAway).toBeGreaterThan(1)
  })

  it('lets an address in that has less than its part, whatever comes from others', () => {
    const gate = new IntakeGate()
    while (gate.enter(ONE, 0)) continue
    expect(gate.inside).toBe(500)
    for (let n = 0; n < 10; n++) expect(gate.enter('192.0.2.2', 0)).toBe(true)
    // A crowd of many addresses has no more room for that.
    const crowd = new IntakeGate()
    for (let n = 0; n < 500; n++) expect(crowd.enter(`198.51.100.${n}`, 0)).toBe(true)
    expect(crowd.enter('192.0.2.2', 0)).toBe(false)
  })

  it('never lets in more than twice what it has room for', () => {
    const gate = new IntakeGate()
    while (gate.enter(ONE, 0)) continue
    for (let n = 0; n < 5_000; n++) gate.enter(`192.0.2.${2 + (n % 3)}`, 0)
    expect(gate.inside).toBeLessThanOrEqual(1_000)
  })
})
