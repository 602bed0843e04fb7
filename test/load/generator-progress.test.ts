import { describe, expect, it } from 'vitest'
import type { Tick } from '../../apps/load/src/results/results.ts'
import { ProgressMeter } from '../../apps/load/src/measure/progress-meter.ts'
import { formatProgress, type Progress, ProgressLine } from '../../apps/load/src/results/progress.ts'

const PROGRESS: Progress = {
  scenario: 'arena',
  elapsedMs: 5_000,
  durationMs: 20_000,
  acceptedPerSecond: 1_498.4,
  decidedPerSecond: 1_320.6,
  inLine: 812,
  p99: 84.4,
  refused: 17,
  unsent: 0,
}

const TICK: Tick = { second: 1, sent: 9, accepted: 8, decided: 7, booked: 4, refused: 3, p50: 1, p99: 2, reads: 0 }

function screen(isTTY: boolean, columns = 200) {
  const written: string[] = []
  return { isTTY, columns, written, write: (text: string) => written.push(text) }
}

describe('a line of progress', () => {
  it('says how far the run is and how it goes', () => {
    expect(formatProgress(PROGRESS)).toBe(
      'arena [#####...............] 5/20 s  accepted 1498/s  decided 1321/s  in line 812  p99 84 ms  refused 17',
    )
  })

  it('says what could not be sent, and that nothing was answered', () => {
    const text = formatProgress({ ...PROGRESS, p99: null, unsent: 40 })
    expect(text).toContain('p99 -  refused 17  still to send 40')
  })

  it('has a full bar after the arrivals, and where there is no time to wait for', () => {
    expect(formatProgress({ ...PROGRESS, elapsedMs: 90_000 })).toContain(`[${'#'.repeat(20)}]`)
    expect(formatProgress({ ...PROGRESS, durationMs: 0 })).toContain(`[${'#'.repeat(20)}]`)
  })

  it('is cut to the width of the screen', () => {
    expect(formatProgress(PROGRESS, 40)).toHaveLength(40)
  })

  it('is drawn over itself on a terminal, and kept when something is said', () => {
    const terminal = screen(true, 60)
    const line = new ProgressLine(terminal)
    line.show(PROGRESS)
    line.show(PROGRESS)
    line.say('verifying')
    line.say('done')
    const drawn = `\r\u001B[K${formatProgress(PROGRESS, 59)}`
    expect(terminal.written).toEqual([drawn, drawn, '\n', 'verifying\n', 'done\n'])
  })

  it('is a line every five seconds elsewhere', () => {
    const file = screen(false)
    let nowMs = 0
    const line = new ProgressLine(file, () => nowMs)
    for (; nowMs < 11_000; nowMs += 1_000) line.show(PROGRESS)
    expect(file.written).toEqual(Array.from({ length: 3 }, () => `${formatProgress(PROGRESS)}\n`))
  })
})

describe('the meter', () => {
  it('adds up refusals and takes decisions from what the database said', () => {
    const meter = new ProgressMeter('arena', 10_000)
    meter.read(TICK, 0, [])
    const progress = meter.read({ ...TICK, second: 3 }, 5, [
      { second: 1, inLine: 4, decided: 100 },
      { second: 3, inLine: 6, decided: 500 },
    ])
    expect(progress).toEqual({
      scenario: 'arena',
      elapsedMs: 3_000,
      durationMs: 10_000,
      acceptedPerSecond: 8,
      decidedPerSecond: 200,
      inLine: 6,
      p99: 2,
      refused: 6,
      unsent: 5,
    })
  })

  it('goes by what clients saw while nobody has looked at the database', () => {
    expect(new ProgressMeter('arena', 1_000).read(TICK, 0, []).decidedPerSecond).toBe(7)
  })
})
