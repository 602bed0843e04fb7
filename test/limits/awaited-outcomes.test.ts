import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  AwaitedOutcomes,
  STILL_WAITING_EVERY_MS,
  type OutcomeListener,
} from '@boxoffice/core/limits/awaited-outcomes.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { signalOf } from '@boxoffice/core/booking-requests/deciding/line-decider.ts'
import { seatsRequest, sharedEngine } from '../support/engine.ts'
import { testLogger } from '../support/logger.ts'

const LANE = 0

let showtimeId: string
const db = sharedDatabase()
const engine = sharedEngine(db)
beforeAll(async () => {
  showtimeId = (await givenShowtime(db.database, { lane: LANE })).showtimeId
}, 60_000)

/** Opens awaited outcomes, and records what is reported of them. */
function awaiting(options: { readonly maxAwaited?: number; readonly now?: () => number } = {}) {
  const outcomes = new AwaitedOutcomes({ pool: db.database.pool, logger: testLogger, ...options })
  onTestFinished(() => outcomes.close())
  const heard: Parameters<OutcomeListener>[0][] = []
  const waiting: string[] = []
  const listener: OutcomeListener = (request) => {
    if (request.state === 'queued') waiting.push(request.id)
    else heard.push(request)
  }
  return {
    outcomes,
    heard,
    waiting,
    listener,
    /** Puts a request for a seat into the line, and awaits its outcome. */
    accept: async (seat: string) => {
      const accepted = await engine.line.accept(seatsRequest(showtimeId, [seat]))
      outcomes.await(accepted, listener)
      return accepted
    },
  }
}

const decide = async () => (await engine.decideWaiting(LANE)).map(signalOf)

describe('an outcome', () => {
  test('comes with the signal, to the process that accepted the request alone', async () => {
    const [mine, other] = [awaiting(), awaiting()]
    const { view } = await mine.accept('ZZ1')
    for (const signal of await decide()) {
      for (const { outcomes } of [mine, other]) outcomes.onSignal(signal)
      // Once more: signals may come twice.
      mine.outcomes.onSignal(signal)
    }
    expect(mine.heard).toMatchObject([{ id: view.id, state: 'refused', refusal: { code: 'invalid_seat' } }])
    expect(other.heard).toEqual([])
    expect(mine.outcomes.size).toBe(0)
  })

  test('is found where no signal came', async () => {
    const mine = awaiting()
    await mine.accept('ZZ1')
    await mine.accept('B1')
    await decide()
    expect(mine.heard).toEqual([])
    await mine.outcomes.look()
    expect(mine.heard).toMatchObject([{ state: 'refused' }, { state: 'booked', booking: { status: 'pending' } }])
    await mine.outcomes.look()
    expect(mine.heard).toHaveLength(2)
    expect(mine.outcomes.size).toBe(0)
  })

  test('is found where the signal came before the request was awaited', async () => {
    const mine = awaiting()
    const accepted = await engine.line.accept(seatsRequest(showtimeId, ['ZZ1']))
    for (const signal of await decide()) mine.outcomes.onSignal(signal)
    mine.outcomes.await(accepted, mine.listener)
    await mine.outcomes.look()
    expect(mine.heard).toMatchObject([{ state: 'refused' }])
  })

  test('comes only to the first who awaits it', async () => {
    const mine = awaiting()
    const accepted = await mine.accept('ZZ1')
    mine.outcomes.await(accepted, mine.listener)
    for (const signal of await decide()) mine.outcomes.onSignal(signal)
    expect(mine.heard).toHaveLength(1)
  })
})

test('requests that wait are reported once a minute, and not looked for', async () => {
  let now = 0
  const mine = awaiting({ now: () => now })
  const { view } = await mine.accept('ZZ1')
  await mine.outcomes.look()
  expect(mine.waiting).toEqual([])
  now = STILL_WAITING_EVERY_MS
  await mine.outcomes.look()
  await mine.outcomes.look()
  expect(mine.waiting).toEqual([view.id])
  now *= 2
  await mine.outcomes.look()
  expect(mine.waiting).toEqual([view.id, view.id])
  expect(mine.heard).toEqual([])
  for (const signal of await decide()) mine.outcomes.onSignal(signal)
  now *= 2
  await mine.outcomes.look()
  expect(mine.waiting).toHaveLength(2)
  expect(mine.heard).toHaveLength(1)
})

test('no more are awaited than there is room for: the longest awaited is given up', async () => {
  const mine = awaiting({ maxAwaited: 3 })
  const accepted = [
    await mine.accept('ZZ1'),
    await mine.accept('ZZ2'),
    await mine.accept('ZZ3'),
    await mine.accept('ZZ4'),
  ]
  expect(mine.outcomes.size).toBe(3)
  await decide()
  await mine.outcomes.look()
  expect(mine.heard.map(({ id }) => id)).toEqual(accepted.slice(1).map(({ view }) => view.id))
})
