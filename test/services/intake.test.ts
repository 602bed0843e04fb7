import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type pg from 'pg'
import { describe, expect, it } from 'vitest'
import { Intake } from '@boxoffice/core/booking-requests/intake/intake.ts'
import type { Submission } from '@boxoffice/core/domain/booking-request.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { testLogger } from '../support/logger.ts'
import { observePool } from '../support/observed-pool.ts'

const db = sharedDatabase()

const requestFor = (resourceId: string): Submission => ({
  resourceId,
  kind: 'showtime',
  owner: 'ada',
  idempotencyKey: randomUUID(),
  payload: { seats: ['A1'], customer: { name: 'Ada', email: 'ada@example.org' } },
  customerKeys: [],
})

/** A write as the database got it. */
interface Write {
  /** Number of requests by line, in the order in which they came. */
  readonly lines: Readonly<Record<string, number>>
  readonly ids: readonly string[]
  /** Answers it, and lets what follows from that happen. */
  end(): Promise<void>
}

interface Row {
  readonly id: string
  readonly resourceId: string
}

/** A database that answers a write only when a test says so. */
class SlowDatabase {
  /** All of them, the oldest first. */
  readonly writes: Write[] = []
  readonly inFlight = new Set<Write>()

  readonly pool = {
    query: ({ name, values }: { readonly name: string; readonly values: readonly unknown[] }) => {
      if (name !== 'insert-booking-requests') throw new Error(`unexpected: ${name}`)
      return this.#write(JSON.parse(String(values[2])) as readonly Row[])
    },
  } as unknown as pg.Pool

  #write(rows: readonly Row[]): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>()
    const write: Write = {
      lines: Object.fromEntries(
        [...Map.groupBy(rows, ({ resourceId }) => resourceId)].map(([line, { length }]) => [line, length]),
      ),
      ids: rows.map(({ id }) => id),
      end: async () => {
        this.inFlight.delete(write)
        const acceptedAt = new Date(0)
        answer.resolve({ rows: rows.map(({ id }) => ({ id, seq: 1, acceptedAt, watermark: 0, decidedPerSecond: 0 })) })
        await new Promise(setImmediate)
      },
    }
    this.writes.push(write)
    this.inFlight.add(write)
    return answer.promise
  }

  /** Returns what the writes from this one on have of each line. */
  linesFrom(write: number): readonly Write['lines'][] {
    return this.writes.slice(write).map(({ lines }) => lines)
  }

  async endAll(): Promise<void> {
    for (const write of this.writes) if (this.inFlight.has(write)) await write.end()
  }
}

function openIntake({ maxBuffered = 100_000 } = {}) {
  const database = new SlowDatabase()
  const intake = new Intake({ pool: database.pool, logger: testLogger, maxBuffered, onWritten: () => undefined })
  const answers: Promise<unknown>[] = []
  return {
    database,
    intake,
    answers,
    /** Submits so many requests for a line; returns their ids. */
    submit: (line: string, count = 1) =>
      Array.from({ length: count }, () => {
        const id = newId()
        answers.push(
          intake.submit(id, requestFor(line)).then(
            ({ kind }) => kind,
            (error: { readonly code: string }) => error.code,
          ),
        )
        return id
      }),
    /** Begins as many writes as may be in flight, each of a line of its own. */
    occupy: () => {
      for (const line of ['w1', 'w2', 'w3', 'w4']) answers.push(intake.submit(newId(), requestFor(line)))
      if (database.inFlight.size !== 4) throw new Error('there is room for more')
    },
  }
}

/** Returns the answer of a call that must not wait. */
async function refusalOf(intake: Intake, line: string): Promise<unknown> {
  try {
    await intake.submit(newId(), requestFor(line))
  } catch (error) {
    return error
  }
  return null
}

describe('a write', () => {
  it('begins at once while there is room for it, and has what arrived while it had to wait, of all lines', async () => {
    const { database, intake, submit, occupy } = openIntake()
    occupy()
    const ids = [...submit('a', 2), ...submit('b'), ...submit('a'), ...submit('c', 3)]
    expect(database.writes, 'four in flight and no more').toHaveLength(4)
    expect(intake.buffered).toBe(7)
    await database.writes[0]?.end()
    expect(database.linesFrom(4)).toEqual([{ a: 3, b: 1, c: 3 }])
    expect(new Set(database.writes[4]?.ids)).toEqual(new Set(ids))
    expect(intake.buffered).toBe(0)
    await database.endAll()
  })

  it('of a line ends before the next one of that line begins, for which it waits in order', async () => {
    const { database, submit } = openIntake()
    const first = submit('a')
    const rest = submit('a', 3)
    submit('b')
    expect(database.linesFrom(0), 'the other line does not wait').toEqual([{ a: 1 }, { b: 1 }])
    await database.writes[1]?.end()
    expect(database.writes).toHaveLength(2)
    await database.writes[0]?.end()
    expect(database.linesFrom(2)).toEqual([{ a: 3 }])
    expect([...first, ...rest]).toEqual([...(database.writes[0]?.ids ?? []), ...(database.writes[2]?.ids ?? [])])
    await database.endAll()
  })

  it('of a busy line is of that line alone, and those beside it go together', async () => {
    const { database, submit, occupy } = openIntake()
    occupy()
    submit('quiet 1')
    submit('busy', 32)
    submit('quiet 2')
    submit('nearly busy', 31)
    await database.writes[0]?.end()
    await database.writes[1]?.end()
    expect(database.linesFrom(4)).toEqual([{ 'quiet 1': 1, 'quiet 2': 1, 'nearly busy': 31 }, { busy: 32 }])
    await database.endAll()
  })

  it('has at most 256 requests, and the rest of a long line waits until those before it had their turn', async () => {
    const { database, submit, occupy } = openIntake()
    occupy()
    submit('long', 300)
    submit('quiet')
    for (const write of [0, 1, 2]) await database.writes[write]?.end()
    expect(database.linesFrom(4), 'its rest waits for its first part').toEqual([{ long: 256 }, { quiet: 1 }])
    submit('later')
    expect(database.linesFrom(6)).toEqual([{ later: 1 }])
    await database.writes[4]?.end()
    expect(database.linesFrom(7)).toEqual([{ long: 44 }])
    await database.endAll()
  })

  it('is of everything once, each line in order and in one write at a time, whatever comes and ends when', async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ line: fc.nat(5), count: fc.integer({ min: 1, max: 60 }) }) },
      { weight: 2, arbitrary: fc.record({ end: fc.nat(3) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { database, intake, answers, submit } = openIntake()
        const submitted = new Map<string, string[]>()
        const check = () => {
          expect(database.inFlight.size).toBeLessThanOrEqual(4)
          const lines = [...database.inFlight].flatMap((write) => Object.keys(write.lines))
          expect(new Set(lines).size).toBe(lines.length)
          for (const { ids } of database.writes) expect(ids.length).toBeLessThanOrEqual(256)
        }
        for (const each of steps) {
          if ('end' in each) await [...database.inFlight].at(each.end)?.end()
          else {
            const line = `line ${each.line}`
            submitted.set(line, [...(submitted.get(line) ?? []), ...submit(line, each.count)])
          }
          check()
        }
        while (database.inFlight.size > 0) {
          await database.endAll()
          check()
        }
        expect(intake.buffered).toBe(0)
        const written = database.writes.flatMap(({ ids }) => ids)
        expect(written).toHaveLength([...submitted.values()].flat().length)
        const places = new Map(written.map((id, place) => [id, place]))
        for (const ids of submitted.values()) {
          const inOrder = ids.map((id) => places.get(id) ?? Number.NaN)
          expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b))
        }
        expect(new Set(await Promise.all(answers))).toEqual(new Set(written.length === 0 ? [] : ['inserted']))
      }),
      { numRuns: 100 },
    )
  })
})

describe('a full buffer', () => {
  it('is of one line, and refuses nobody else', async () => {
    const { database, intake, answers, submit, occupy } = openIntake({ maxBuffered: 10 })
    occupy()
    submit('full', 10)
    expect(await refusalOf(intake, 'full')).toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 })
    submit('quiet', 9)
    submit('quiet')
    expect(await refusalOf(intake, 'quiet')).toMatchObject({ code: 'overloaded' })
    submit('quietest')
    await database.writes[0]?.end()
    submit('full')
    await database.endAll()
    expect(await Promise.all(answers.slice(4))).toEqual(Array.from({ length: 22 }, () => 'inserted'))
  })

  it('of all lines together refuses those that have more than their part, and at twice as much everybody', async () => {
    const { database, intake, submit, occupy } = openIntake({ maxBuffered: 10 })
    occupy()
    for (const line of ['long 1', 'long 2', 'long 3', 'long 4']) submit(line, 9)
    submit('short', 4)
    expect(intake.buffered).toBe(40)
    expect(await refusalOf(intake, 'long 1'), 'its own buffer has room').toMatchObject({ code: 'overloaded' })
    submit('short')
    // A quiet line is never among them, until there is no room for anybody.
    for (let quiet = 1; quiet < 40; quiet++) submit(`quiet ${quiet}`)
    expect(intake.buffered).toBe(80)
    for (const line of ['long 1', 'short', 'quiet 1', 'quiet 40']) {
      expect(await refusalOf(intake, line)).toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 })
    }
    await database.writes[0]?.end()
    submit('quiet 40')
    await database.endAll()
    expect(intake.buffered).toBe(0)
  })
})

describe('a database that hangs', () => {
  it('keeps nobody waiting for long, and none of those is written later that was not on its way', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 1 })
    const { pool, holdResults } = observePool(db.database.pool)
    const intake = new Intake({
      pool,
      logger: testLogger,
      maxBuffered: 10,
      answerWithinMs: 200,
      onWritten: () => undefined,
    })
    const request = () => requestFor(showtimeId)
    const [sent, waiting, later] = [request(), request(), request()]
    const [sentId, laterId] = [newId(), newId()]
    const hang = holdResults('insert into booking_requests')
    const first = intake.submit(sentId, sent).catch((error: unknown) => error)
    await hang.held
    const second = intake.submit(newId(), waiting).catch((error: unknown) => error)
    expect(await first).toMatchObject({ code: 'unavailable' })
    expect(await second).toMatchObject({ code: 'unavailable' })
    expect(intake.buffered).toBe(0)
    hang.release()
    expect(await intake.submit(laterId, later)).toMatchObject({ kind: 'inserted' })

    const { rows } = await db.database.pool.query<{ id: string }>('select id from booking_requests order by seq')
    expect(rows.map(({ id }) => id)).toEqual([sentId, laterId])
    // A repetition under its key learns that it was accepted.
    expect(await intake.submit(newId(), sent)).toMatchObject({ kind: 'known', request: { view: { id: sentId } } })
  })

  it('does so for one line alone where that is all that hangs', async () => {
    const [held, free] = [await givenShowtime(db.database), await givenShowtime(db.database)]
    const { pool, holdResults } = observePool(db.database.pool)
    const intake = new Intake({
      pool,
      logger: testLogger,
      maxBuffered: 10,
      answerWithinMs: 200,
      onWritten: () => undefined,
    })
    const hang = holdResults('insert into booking_requests')
    const first = intake.submit(newId(), requestFor(held.showtimeId)).catch((error: unknown) => error)
    await hang.held
    const behind = intake.submit(newId(), requestFor(held.showtimeId)).catch((error: unknown) => error)
    // What it holds is held still; the results of others are not.
    hang.passOthers()
    expect(await intake.submit(newId(), requestFor(free.showtimeId))).toMatchObject({ kind: 'inserted' })
    expect(await first).toMatchObject({ code: 'unavailable' })
    expect(await behind).toMatchObject({ code: 'unavailable' })
    expect(await intake.submit(newId(), requestFor(free.showtimeId))).toMatchObject({ kind: 'inserted' })
    hang.release()
    expect(await intake.submit(newId(), requestFor(held.showtimeId))).toMatchObject({ kind: 'inserted' })
  })
})
