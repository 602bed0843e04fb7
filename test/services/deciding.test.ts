import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Deciders } from '@boxoffice/core/booking-requests/deciding/deciders.ts'
import { type DecideWaitingDependencies, signalOf } from '@boxoffice/core/booking-requests/deciding/line-decider.ts'
import { type DecideResult, PAYLOAD_VERSION, type ReceivedDecideJob } from '@boxoffice/core/queue/payloads.ts'
import { LaneWorkers } from '../../apps/worker/src/queue/lane-workers.ts'
import { givenEvent, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, sharedDatabase } from '../support/database.ts'
import { type Engine, openEngine, seatsRequest, ticketsRequest, sweepOnce, sharedEngine } from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import type { Outcome } from '@boxoffice/core/domain/booking-request.ts'

const db = sharedDatabase()
const engine = sharedEngine(db)

/** Opens a worker of one lane, to which a test gives jobs. */
function openLaneWorker(dependencies: DecideWaitingDependencies) {
  const handlers: ((job: ReceivedDecideJob) => Promise<DecideResult>)[] = []
  const work = (_lane: number, given: (job: ReceivedDecideJob) => Promise<DecideResult>) => {
    handlers.push(given)
    return { close: () => Promise.resolve() }
  }
  let jobs = 0
  const deciders = new Deciders(dependencies)
  const consumers = new LaneWorkers(
    { work },
    {
      deciders,
      onJob: () => {
        jobs += 1
      },
      get database() {
        return dependencies.database
      },
    },
  )
  consumers.consume([4])
  const [answer] = handlers
  if (answer === undefined) throw new Error('it does not consume the lane')
  return {
    answer,
    get jobs() {
      return jobs
    },
  }
}

const codes = (outcomes: readonly Outcome[]) => outcomes.map((o) => o.refusal?.code ?? o.state)

describe('a request through the line', () => {
  it('is durable when accepted, and booked with its price by the next batch', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 0, price: 1250 })
    const accepted = await engine.line.accept(seatsRequest(showtimeId, ['A1', 'A2']))
    expect(accepted.view).toMatchObject({ state: 'queued', ahead: 0, booking: null, refusal: null })

    const [batch] = await engine.decideWaiting(0)
    expect(batch?.outcomes).toHaveLength(1)
    expect(batch?.versions[showtimeId]).toBe(1)

    const found = await engine.line.find(accepted.view.id)
    expect(found?.view).toMatchObject({
      state: 'booked',
      ahead: 0,
      resource: { type: 'showtime', id: showtimeId },
      booking: {
        status: 'pending',
        paymentStatus: 'pending',
        currency: 'EUR',
        subtotal: 2500,
        discount: 0,
        fee: 75,
        total: 2575,
      },
    })
    expect(batch?.outcomes[0]?.booking).toEqual(found?.view.booking)
    expect(found?.view.decidedAt).toBe(batch?.outcomes[0]?.decidedAt)
  })

  it('writes booking, items, allocations, audit and outgoing event in one commit, and no tickets yet', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 0 })
    const { view } = await engine.line.accept(seatsRequest(showtimeId, ['B1', 'B2']))
    await engine.decideWaiting(0)
    const { rows } = await db.database.pool.query(
      `select (select count(*) from booking_items where booking_id = b.id) as items,
         (select count(*) from seat_allocations where booking_id = b.id) as seats,
         (select count(*) from tickets where booking_id = b.id) as tickets,
         (select array_agg(action) from audit where entity_id = b.id) as audit,
         (select array_agg(type || entity_seq) from outbox where entity_id = b.id) as events
       from bookings b where request_id = $1`,
      [view.id],
    )
    expect(rows).toEqual([{ items: 2, seats: 2, tickets: 0, audit: ['booking.created'], events: ['booking.created1'] }])
  })

  it('is refused with the reason, and its refusal is audited', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 0, disabledSeats: ['A3'] })
    const ids = []
    for (const seats of [['A1'], ['A1', 'A2'], ['Z99'], ['A3'], ['A4', 'A4']]) {
      ids.push((await engine.line.accept(seatsRequest(showtimeId, seats))).view.id)
    }
    const batches = await engine.decideWaiting(0)
    const outcomes = batches.flatMap((batch) => batch.outcomes)
    expect(codes(outcomes)).toEqual(['booked', 'seat_unavailable', 'invalid_seat', 'seat_disabled', 'duplicate_seat'])
    expect(outcomes[1]?.refusal?.seats).toEqual(['A1'])
    const { rows } = await db.database.pool.query('select after from audit where entity_id = $1', [ids[1]])
    expect(rows).toEqual([{ after: { resourceId: showtimeId, code: 'seat_unavailable' } }])
  })

  it('confirms a booking that costs nothing at once', async () => {
    const event = await givenEvent(db.database, { lane: 0, ticketTypes: [{ capacity: 5, price: 0 }] })
    const [ticketTypeId = ''] = event.ticketTypeIds
    await engine.line.accept(ticketsRequest(event.eventId, [{ ticketTypeId, quantity: 2 }]))
    const [batch] = await engine.decideWaiting(0)
    expect(batch?.outcomes[0]?.booking).toMatchObject({
      status: 'confirmed',
      paymentStatus: 'completed',
      total: 0,
      expiresAt: null,
    })
  })

  it('is not found where the resource is unknown or of the other kind, and nothing is accepted', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 0 })
    await expect(
      engine.line.accept(seatsRequest('0199a000-0000-7000-8000-00000000dead', ['A1'])),
    ).rejects.toMatchObject({ code: 'not_found' })
    await expect(
      engine.line.accept(ticketsRequest(showtimeId, [{ ticketTypeId: showtimeId, quantity: 1 }])),
    ).rejects.toMatchObject({ code: 'not_found' })
  })

  it('counts limits per customer over items, bookings and batches', async () => {
    const event = await givenEvent(db.database, { lane: 0, ticketTypes: [{ capacity: 50, maxPerCustomer: 3 }] })
    const [ticketTypeId = ''] = event.ticketTypeIds
    const ask = (quantity: number, customerKeys: string[]) =>
      engine.line.accept(ticketsRequest(event.eventId, [{ ticketTypeId, quantity }], { customerKeys }))
    await ask(2, ['o:same', 'e:1'])
    await ask(2, ['o:other', 'e:1'])
    await ask(1, ['o:same', 'e:2'])
    const first = (await engine.decideWaiting(0)).flatMap((batch) => batch.outcomes)
    await ask(1, ['o:third', 'e:1'])
    await ask(1, ['o:same', 'e:3'])
    const second = (await engine.decideWaiting(0)).flatMap((batch) => batch.outcomes)
    expect(codes([...first, ...second])).toEqual([
      'booked',
      'customer_limit_reached',
      'booked',
      'booked',
      'customer_limit_reached',
    ])
  })

  it('redeems promo codes up to their limits over batches', async () => {
    const event = await givenEvent(db.database, { lane: 0, ticketTypes: [{ capacity: 50, price: 1000 }] })
    const [ticketTypeId = ''] = event.ticketTypeIds
    await givenPromoCode(db.database, {
      organizerId: event.organizerId,
      code: 'TWICE',
      maxRedemptions: 2,
      maxPerCustomer: 1,
    })
    const ask = (owner: string) =>
      engine.line.accept({
        ...ticketsRequest(event.eventId, [{ ticketTypeId, quantity: 1 }], { owner, customerKeys: [`o:${owner}`] }),
        payload: {
          tickets: [{ ticketTypeId, quantity: 1 }],
          promoCode: ' twice ',
          customer: { name: 'A', email: 'a@b.co' },
        },
      })
    await ask('a')
    await ask('a')
    const first = (await engine.decideWaiting(0)).flatMap((batch) => batch.outcomes)
    expect(codes(first)).toEqual(['booked', 'promo_exhausted'])
    expect(first[0]?.booking).toMatchObject({ subtotal: 1000, discount: 200, fee: 24, total: 824 })
    await ask('b')
    await ask('c')
    expect(codes((await engine.decideWaiting(0)).flatMap((batch) => batch.outcomes))).toEqual([
      'booked',
      'promo_exhausted',
    ])
  })
})

describe('idempotency keys', () => {
  it('give the same request for the same body, ten times at once and later again', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 1 })
    const submission = seatsRequest(showtimeId, ['A1'], { owner: 'tenfold', idempotencyKey: 'k1' })
    const answers = await Promise.all(Array.from({ length: 10 }, () => engine.line.accept(submission)))
    expect(new Set(answers.map((answer) => answer.view.id)).size).toBe(1)
    expect(answers.filter((answer) => !answer.replayed)).toHaveLength(1)
    await engine.decideWaiting(1)
    const again = await engine.line.accept(submission)
    expect(again).toMatchObject({ replayed: true, view: { state: 'booked', id: answers[0]?.view.id } })
  })

  it('are an error with another body, also within one write, and belong to their owner alone', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 1 })
    const key = { idempotencyKey: 'k2' }
    const results = await Promise.allSettled([
      engine.line.accept(seatsRequest(showtimeId, ['A1'], { owner: 'x', ...key })),
      engine.line.accept(seatsRequest(showtimeId, ['A2'], { owner: 'x', ...key })),
      engine.line.accept(seatsRequest(showtimeId, ['A3'], { owner: 'y', ...key })),
    ])
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    await expect(engine.line.accept(seatsRequest(showtimeId, ['A9'], { owner: 'x', ...key }))).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    })
  })

  it('hold over two lines', async () => {
    const one = await givenShowtime(db.database, { lane: 1 })
    const two = await givenShowtime(db.database, { lane: 2 })
    const key = { owner: 'z', idempotencyKey: 'k3' }
    const results = await Promise.allSettled([
      engine.line.accept(seatsRequest(one.showtimeId, ['A1'], key)),
      engine.line.accept(seatsRequest(two.showtimeId, ['A1'], key)),
    ])
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
  })
})

describe('bad rows', () => {
  it('fail alone at intake: one U+0000 among 200 good ones', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 3, rows: 20, seatsPerRow: 20 })
    const results = await Promise.allSettled(
      Array.from({ length: 201 }, (_, index) =>
        engine.line.accept(
          seatsRequest(showtimeId, [`${String.fromCharCode(65 + Math.floor(index / 20))}${(index % 20) + 1}`], {
            owner: index === 100 ? 'bad\u0000owner' : `good-${index}`,
          }),
        ),
      ),
    )
    const rejected = results.filter((result) => result.status === 'rejected')
    expect(rejected.map((result) => result.reason)).toEqual([expect.objectContaining({ code: 'invalid_request' })])
    const outcomes = (await engine.decideWaiting(3)).flatMap((batch) => batch.outcomes)
    expect(outcomes).toHaveLength(200)
    expect(new Set(codes(outcomes))).toEqual(new Set(['booked']))
  })

  it('fail alone at deciding: the poisoned request is refused, the others are booked in order', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 3, rows: 4, seatsPerRow: 10 })
    const ids: string[] = []
    for (const [index, seat] of ['A1', 'A2', 'A3', 'A3', 'A5', 'A6', 'A7'].entries()) {
      const { view } = await engine.line.accept(seatsRequest(showtimeId, [seat], { owner: `p-${index}` }))
      ids.push(view.id)
    }
    // The third one cannot be written as a booking; the fourth wants the seat that the third then does not take.
    await db.database.pool.query(`alter table bookings add constraint poison check (owner <> 'p-2') not valid`)
    const outcomes = (await engine.decideWaiting(3)).flatMap((batch) => batch.outcomes)
    await db.database.pool.query('alter table bookings drop constraint poison')
    expect(outcomes.map((outcome) => outcome.id)).toEqual(ids)
    expect(codes(outcomes)).toEqual(['booked', 'booked', 'internal_error', 'booked', 'booked', 'booked', 'booked'])
  })

  it('a decision that throws is refused alone', async () => {
    const { showtimeId, categoryIds } = await givenShowtime(db.database, {
      lane: 3,
      categories: [
        { name: 'X', price: 5 },
        { name: 'Y', price: 5 },
      ],
    })
    await db.database.pool.query('update showtime_prices set price = 9007199254740993 where category_id = $1', [
      categoryIds[0],
    ])
    await engine.line.accept(seatsRequest(showtimeId, ['A1', 'A2']))
    await engine.line.accept(seatsRequest(showtimeId, ['E1', 'E2']))
    expect(codes((await engine.decideWaiting(3)).flatMap((batch) => batch.outcomes))).toEqual([
      'internal_error',
      'booked',
    ])
  })
})

describe('a broken row of the catalogue', () => {
  it('refuses the requests that need it, and stops neither their line nor the others in their batch', async () => {
    const broken = await givenEvent(db.database, { lane: 3 })
    const sound = await givenShowtime(db.database, { lane: 3 })
    const [ticketTypeId = ''] = broken.ticketTypeIds
    const { promoCodeId } = await givenPromoCode(db.database, {
      organizerId: broken.organizerId,
      code: 'BROKEN',
      kind: 'fixed',
    })
    await db.database.pool.query('update promo_codes set value = 9007199254740993 where id = $1', [promoCodeId])
    const customer = { name: 'A', email: 'a@example.org' }
    const tickets = [{ ticketTypeId, quantity: 1 }]
    const ofSound = [seatsRequest(sound.showtimeId, ['A1']), seatsRequest(sound.showtimeId, ['A1'])]
    const ofBroken = [
      ticketsRequest(broken.eventId, [], { payload: { customer, tickets, promoCode: 'BROKEN' } }),
      ticketsRequest(broken.eventId, tickets),
    ]
    const ids: string[] = []
    for (const submission of [...ofSound, ...ofBroken]) ids.push((await engine.line.accept(submission)).view.id)
    const batches = await engine.decideWaiting(3)
    expect(batches.map(({ lines }) => lines.length)).toEqual([2])
    const byId = new Map(batches.flatMap(({ outcomes }) => outcomes).map((outcome) => [outcome.id, outcome]))
    const outcomes = ids.flatMap((id) => byId.get(id) ?? [])
    expect(codes(outcomes)).toEqual(['booked', 'seat_unavailable', 'internal_error', 'booked'])

    const times = outcomes.map(({ decidedAt }) => decidedAt)
    for (const ofLine of [times.slice(0, 2), times.slice(2)]) {
      expect(ofLine).toEqual(ofLine.toSorted((a, b) => a.localeCompare(b)))
    }
    const refused = outcomes[2]
    const { rows } = await db.database.pool.query(
      `select a.organizer_id as audited, o.organizer_id as told, s.decided_at >= $3::timestamptz as "goesOn"
       from audit a join outbox o on o.entity_id = a.entity_id, resource_state s
       where a.entity_id = $1 and s.resource_id = $2`,
      [refused?.id, broken.eventId, times.at(-1)],
    )
    expect(rows).toEqual([{ audited: broken.organizerId, told: broken.organizerId, goesOn: true }])
  })
})

describe('booking references', () => {
  it('are drawn again when two of a batch or one of an earlier batch collide, and no booking fails', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 4 })
    const drawn = ['AAAAAAAA', 'AAAAAAAA', 'BBBBBBBB', 'BBBBBBBB', 'AAAAAAAA', 'CCCCCCCC', 'DDDDDDDD', 'EEEEEEEE']
    const colliding = openEngine(db, { drawReference: () => drawn.shift() ?? 'ZZZZZZZZ' })
    try {
      for (const seat of ['A1', 'A2']) await colliding.line.accept(seatsRequest(showtimeId, [seat]))
      const first = (await colliding.decideWaiting(4)).flatMap((batch) => batch.outcomes)
      expect(first.map((outcome) => outcome.booking?.reference)).toEqual(['AAAAAAAA', 'BBBBBBBB'])
      for (const seat of ['A3', 'A4']) await colliding.line.accept(seatsRequest(showtimeId, [seat]))
      const second = (await colliding.decideWaiting(4)).flatMap((batch) => batch.outcomes)
      expect(second.map((outcome) => outcome.booking?.reference)).toEqual(['CCCCCCCC', 'DDDDDDDD'])
    } finally {
      await colliding.close()
    }
  })
})

describe('deciding what waits', () => {
  const dependencies = () => ({ ...engine.deciding, announce: () => undefined })
  const jobFor = (id: string, from: number, to: number): ReceivedDecideJob => ({
    v: PAYLOAD_VERSION,
    lines: [{ id, name: 'The Third Man', from, to }],
    requestIds: [],
  })

  it('ends where the line does, whatever place a job of another database asks for', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 4 })
    await engine.line.accept(seatsRequest(showtimeId, ['A1']))
    const worker = openLaneWorker(dependencies())
    await expect(worker.answer(jobFor(showtimeId, 9_000_000, 9_000_009))).resolves.toEqual({})
    await expect(worker.answer(jobFor(randomUUID(), 1, 1)), 'of no line at all').resolves.toEqual({})
    expect(worker.jobs, 'told of the jobs').toBe(2)
    await expect(worker.answer(jobFor(showtimeId, 1, 1)), 'decided meanwhile').resolves.toEqual({ booked: 1 })
  })

  it('is what a job of the version before names by its ids', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 4 })
    const requestIds: string[] = []
    for (const seat of ['A1', 'A1', 'A2']) {
      requestIds.push((await engine.line.accept(seatsRequest(showtimeId, [seat]))).view.id)
    }
    const { answer } = openLaneWorker(dependencies())
    await expect(answer({ v: 1, requestIds })).resolves.toEqual({ booked: 2, seat_unavailable: 1 })
    await expect(answer({ v: 1, requestIds: [randomUUID()] }), 'of another database').resolves.toEqual({})
  })

  it('ends the job of a paused line at once, which says that its requests are queued', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 4 })
    await engine.line.accept(seatsRequest(showtimeId, ['A1']))
    const setPaused = (paused: boolean) =>
      db.database.pool.query('update resource_state set paused = $2 where resource_id = $1', [showtimeId, paused])
    await setPaused(true)
    const { answer } = openLaneWorker(dependencies())
    const since = performance.now()
    await expect(answer(jobFor(showtimeId, 1, 1))).resolves.toEqual({ queued: 1 })
    // A job whose line is not decided waits a second.
    expect(performance.now() - since).toBeLessThan(900)
    await setPaused(false)
    await expect(answer(jobFor(showtimeId, 1, 1))).resolves.toEqual({ booked: 1 })
  })
})

describe('a database that was restored', () => {
  it('has its jobs decided, though their places were once decided before', async () => {
    const restored = await createTestDatabase()
    const before = openEngine(db)
    const after = openEngine(restored)
    let current = before
    const dependencies = {
      ...before.deciding,
      announce: () => {},
      get database() {
        return current.deciding.database
      },
    }
    try {
      const { answer } = openLaneWorker(dependencies)
      const id = newId()
      for (const of of [db, restored]) await givenShowtime(of.database, { id })
      const ask = async (engine: Engine, seat: string) => {
        const { seq } = (await engine.line.accept(seatsRequest(id, [seat]))).view
        const lines = [{ id, name: 'The Third Man', from: seq, to: seq }]
        return { seq, result: await answer({ v: PAYLOAD_VERSION, lines, requestIds: [] }) }
      }
      expect(await ask(before, 'A1')).toEqual({ seq: 1, result: { booked: 1 } })
      expect(await ask(before, 'A2')).toEqual({ seq: 2, result: { booked: 1 } })
      current = after
      expect(await ask(after, 'A1'), 'below what was known to be decided').toMatchObject({ seq: 1 })
      await eventually(async () => {
        const { rows } = await restored.database.pool.query('select state from booking_requests')
        expect(rows).toEqual([{ state: 'booked' }])
      })
      expect(await ask(after, 'A2')).toEqual({ seq: 2, result: { booked: 1 } })
    } finally {
      await Promise.all([before.close(), after.close()])
      await restored.drop()
    }
  })
})

describe('backpressure', () => {
  it('accepts nothing beyond the depth of a line, and goes on once there is room', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 5 })
    const narrow = openEngine(db, { lineMaxDepth: 3 })
    try {
      for (const seat of ['A1', 'A2', 'A3']) await narrow.line.accept(seatsRequest(showtimeId, [seat]))
      await expect(narrow.line.accept(seatsRequest(showtimeId, ['A4']))).rejects.toMatchObject({ code: 'overloaded' })
      await narrow.decideWaiting(5)
      await expect(narrow.line.accept(seatsRequest(showtimeId, ['A4']))).resolves.toMatchObject({ replayed: false })
    } finally {
      await narrow.close()
    }
  })

  it('does not count the gaps that repeated requests leave, once the sweep has passed them', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 5 })
    const narrow = openEngine(db, { lineMaxDepth: 3 })
    try {
      const request = seatsRequest(showtimeId, ['A1'], { idempotencyKey: 'again' })
      await narrow.line.accept(request)
      await narrow.decideWaiting(5)
      for (let repeat = 0; repeat < 5; repeat++) {
        await expect(narrow.line.accept(request)).resolves.toMatchObject({ replayed: true })
      }
      await sweepOnce({ ...narrow.deciding, announce: () => {} })
      for (const seat of ['A2', 'A3', 'A4']) await narrow.line.accept(seatsRequest(showtimeId, [seat]))
      await expect(narrow.line.accept(seatsRequest(showtimeId, ['A5']))).rejects.toMatchObject({ code: 'overloaded' })
      await narrow.decideWaiting(5)
    } finally {
      await narrow.close()
    }
  })

  it('accepts nothing beyond the buffer', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 6 })
    const narrow = openEngine(db, { intakeBuffer: 5 })
    try {
      await narrow.line.accept(seatsRequest(showtimeId, ['A1']))
      const results = await Promise.allSettled(
        Array.from({ length: 50 }, () => narrow.line.accept(seatsRequest(showtimeId, ['A2']))),
      )
      const rejected = results.filter((result) => result.status === 'rejected')
      expect(rejected.length).toBeGreaterThan(0)
      for (const result of rejected) expect(result.reason).toMatchObject({ code: 'overloaded' })
      const accepted = results.length - rejected.length
      expect((await narrow.decideWaiting(6)).flatMap((batch) => batch.outcomes)).toHaveLength(accepted + 1)
    } finally {
      await narrow.close()
    }
  })
})

describe('waiting for an outcome', () => {
  const never = new AbortController().signal

  it('ends with the signal, for everybody who waits for it', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 7 })
    const request = await engine.line.accept(seatsRequest(showtimeId, ['A1']))
    const waiting = [engine.line.outcome(request, 20_000, never), engine.line.outcome(request, 20_000, never)]
    await engine.decideWaiting(7)
    for (const { view } of await Promise.all(waiting)) expect(view).toMatchObject({ state: 'booked', ahead: 0 })
  })

  it('ends with a signal that came before the waiting began', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 7 })
    const request = await engine.line.accept(seatsRequest(showtimeId, ['A1']))
    await engine.decideWaiting(7)
    await expect(engine.line.outcome(request, 20_000, never)).resolves.toMatchObject({ view: { state: 'booked' } })
  })

  it('ends with a signal that names the watermark alone', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 7 })
    const deaf = openEngine(db, { signals: false })
    try {
      const request = await deaf.line.accept(seatsRequest(showtimeId, ['A1']))
      const waiting = deaf.line.outcome(request, 20_000, never)
      for (const batch of await deaf.decideWaiting(7)) {
        const { outcomes: _left, ...rest } = signalOf(batch)
        deaf.line.onSignal(rest)
      }
      await expect(waiting).resolves.toMatchObject({ view: { state: 'booked' } })
    } finally {
      await deaf.close()
    }
  })

  it('ends within about a second when every signal is lost', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 7 })
    const deaf = openEngine(db, { signals: false })
    try {
      const request = await deaf.line.accept(seatsRequest(showtimeId, ['A1']))
      const waiting = deaf.line.outcome(request, 20_000, never)
      await deaf.decideWaiting(7)
      const since = performance.now()
      await expect(waiting).resolves.toMatchObject({ view: { state: 'booked' } })
      expect(performance.now() - since).toBeLessThan(3_000)
    } finally {
      await deaf.close()
    }
  })

  it('ends with the request as it is after the time, and when the client is gone', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 7 })
    const request = await engine.line.accept(seatsRequest(showtimeId, ['A1']))
    await expect(engine.line.outcome(request, 10, never)).resolves.toMatchObject({ view: { state: 'queued' } })
    const gone = new AbortController()
    const waiting = engine.line.outcome(request, 20_000, gone.signal)
    gone.abort()
    await expect(waiting).resolves.toMatchObject({ view: { state: 'queued' } })
    await engine.decideWaiting(7)
  })

  it('tells followers a place in line that never rises, then the outcome', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 7 })
    await engine.line.accept(seatsRequest(showtimeId, ['A1']))
    const request = await engine.line.accept(seatsRequest(showtimeId, ['A2']))
    const seen: (number | string)[] = []
    const outcome = new Promise<void>((resolve) => {
      engine.line.follow(request, {
        onPosition: ({ ahead }) => seen.push(ahead),
        onOutcome: ({ state }) => {
          seen.push(state)
          resolve()
        },
      })
    })
    await engine.decideWaiting(7)
    await outcome
    expect(seen.at(0)).toBe(1)
    expect(seen.at(-1)).toBe('booked')
  })
})
