import { seatLabel } from '../../apps/load/src/catalogue/hall.ts'
import type { Latency, Results, SeatMap, StreamOutcome, Tick } from '../../apps/load/src/results/results.ts'

export const NO_LATENCY: Latency = { count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 }

/** Makes a run of `seconds` in which everything went well: one headline stream, readers beside it, watchers, seats. */
export function givenResults(changes: Partial<Results> = {}, seconds = 20): Results {
  const ticks = Array.from({ length: seconds }, (_, second) => givenTick(second, seconds))
  let decided = 0
  return {
    format: 2,
    command: 'flood',
    scenario: 'hot-showtime',
    about: 'One showtime, 300 seats, and 3,000 people who all want the best of them.',
    startedAt: '2026-03-04T05:06:07.890Z',
    size: { rate: 150, durationMs: seconds * 1_000, warmUpMs: 0, clients: 500, rounds: 1, scale: 1 },
    seed: 42,
    machine: {
      date: '2026-03-04T05:06:00.000Z',
      commit: '0123456789ab',
      cores: 2,
      model: 'A processor',
      memoryGb: 7.8,
      system: 'linux 6.1 x64',
      node: 'v24.0.0',
      postgres: '18.0',
      redis: '7.2.0',
      syncMs: 0.412,
      fileSystem: 'ext4',
    },
    target: 'http://127.0.0.1:3000',
    outcome: {
      streams: [givenStream(), givenReaders()],
      ticks,
      watchers: {
        watchers: 500,
        connected: 498,
        messages: 91_234,
        delay: { count: 91_234, mean: 31.4, p50: 22.5, p95: 88.25, p99: 140, max: 311 },
      },
      lag: { count: 33_000, mean: 0.6, p50: 0.5, p95: 1.1, p99: 2.3, max: 17 },
      ownLag: { count: 33_000, mean: 0.4, p50: 0.4, p95: 0.9, p99: 1.4, max: 9 },
    },
    samples: ticks.map((tick) => {
      decided += tick.decided
      return { second: tick.second + 1, inLine: Math.max(0, 400 - 30 * tick.second), decided }
    }),
    processes: [
      { name: 'api', cores: 0.61, peakRssMb: 141 },
      { name: 'worker', cores: 0.34, peakRssMb: 120 },
      { name: 'postgres', cores: 0.7, peakRssMb: null },
    ],
    decidedPerSecond: 1_234.5,
    acceptedPerSecond: 987.6,
    seatMap: givenSeatMap(15, 20),
    disk: null,
    tables: [],
    aims: [],
    verification: {
      checks: [
        { what: 'seats booked twice', bad: 0 },
        { what: 'ticket types sold over their capacity', bad: 0 },
      ],
      violations: [],
    },
    ...changes,
  }
}

/** Makes a run in which nothing was sent, sold or seen. */
export function givenEmptyResults(): Results {
  const stream = givenStream({
    intended: 0,
    sent: 0,
    statuses: {},
    booked: 0,
    refused: {},
    accept: NO_LATENCY,
    decide: NO_LATENCY,
    total: NO_LATENCY,
    curve: [],
  })
  return givenResults({
    machine: null,
    outcome: { streams: [stream], ticks: [], watchers: null, lag: NO_LATENCY, ownLag: NO_LATENCY },
    samples: [],
    processes: [],
    decidedPerSecond: 0,
    acceptedPerSecond: 0,
    seatMap: null,
  })
}

export function givenTick(second: number, seconds: number): Tick {
  const left = 1 - second / seconds
  return {
    second,
    sent: Math.round(300 * left),
    accepted: Math.round(290 * left),
    decided: Math.round(250 * left + 20),
    booked: Math.round(20 * left),
    refused: Math.round(230 * left + 20),
    // Two gaps with one second between them.
    p50: second === 4 || second === 6 ? null : 12 + 40 * left,
    p99: second === 4 || second === 6 ? null : 60 + 180 * left * left,
    reads: 1_500,
  }
}

export function givenStream(changes: Partial<StreamOutcome> = {}): StreamOutcome {
  return {
    name: 'buyers',
    headline: true,
    intended: 3_000,
    sent: 3_000,
    unsent: 0,
    statuses: { '202': 2_995, '429': 5 },
    booked: 150,
    refused: { seat_unavailable: 2_801, sold_out: 44 },
    undecided: 0,
    errors: 0,
    errorSamples: [],
    accept: { count: 2_995, mean: 6.1, p50: 4.2, p95: 14.5, p99: 33.3, max: 71 },
    decide: { count: 2_995, mean: 40, p50: 28, p95: 120, p99: 190, max: 260 },
    total: { count: 2_995, mean: 47, p50: 33, p95: 131, p99: 211, max: 290 },
    curve: [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.97, 100].map((percentile) => [
      percentile,
      Math.min(290, 5 + 21 * Math.log2(1 / (1.000_01 - percentile / 100) + 1)),
    ]),
    steps: {},
    ...changes,
  }
}

function givenReaders(): StreamOutcome {
  return givenStream({
    name: 'readers',
    headline: false,
    intended: 30_000,
    sent: 30_000,
    statuses: { '200': 812, '304': 29_188 },
    booked: 0,
    refused: {},
    accept: { count: 30_000, mean: 1.2, p50: 0.9, p95: 2.2, p99: 7.25, max: 40 },
    decide: NO_LATENCY,
    total: NO_LATENCY,
    curve: [],
  })
}

/** Makes a seat map. The middle of the front is sold first, the last rows not at all. */
export function givenSeatMap(rows: number, seatsPerRow: number): SeatMap {
  const hall = { rows, seatsPerRow }
  const seats = Array.from({ length: rows * seatsPerRow }, (_, index) => {
    const [x, y] = [index % seatsPerRow, Math.floor(index / seatsPerRow)]
    const wanted = Math.abs(x - (seatsPerRow - 1) / 2) / seatsPerRow + y / rows
    return { label: seatLabel(hall, index), x, y, soldMs: wanted > 1.2 ? null : Math.round(12_000 * wanted ** 2) }
  })
  return { title: 'Great Hall', seats }
}
