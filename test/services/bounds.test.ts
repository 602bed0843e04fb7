import type pg from 'pg'
import { describe, expect, it } from 'vitest'
import { MemoryHitCounter } from '@boxoffice/core/limits/memory-hit-counter.ts'
import { setLetter } from '@boxoffice/core/mail/letter.ts'
import { PAYLOAD_VERSION } from '@boxoffice/core/queue/payloads.ts'
import { FieldErrors } from '@boxoffice/core/catalogue/field-errors.ts'
import { Intake } from '@boxoffice/core/booking-requests/intake/intake.ts'
import { KnownResources } from '@boxoffice/core/booking-requests/intake/known-resources.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { isProblem } from '@boxoffice/core/use-case/problem.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { observePool } from '../support/observed-pool.ts'
import { sharedDatabase } from '../support/database.ts'
import { testLogger } from '../support/logger.ts'
import { Notifier } from '@boxoffice/core/booking-requests/intake/notifier.ts'

// Bounds of docs/limits.md, each at its edge.

const db = sharedDatabase()

describe('the line', () => {
  it('writes at most 256 requests at once', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 1 })
    const { pool, statements, holdResults } = observePool(db.database.pool)
    const intake = new Intake({ pool, logger: testLogger, maxBuffered: 1_000, onWritten: () => undefined })
    const submit = (index: number) =>
      intake.submit(newId(), {
        resourceId: showtimeId,
        kind: 'showtime',
        owner: 'ada',
        idempotencyKey: `${index}`,
        payload: { seats: ['A1'], customer: { name: 'Ada', email: 'ada@example.org' } },
        customerKeys: [],
      })
    const hang = holdResults('insert into booking_requests')
    const first = submit(0)
    await hang.held
    const rest = Array.from({ length: 300 }, (_, index) => submit(index + 1))
    hang.release()
    await Promise.all([first, ...rest])
    const writes = statements.filter(({ text }) => text.includes('insert into booking_requests'))
    expect(writes).toHaveLength(3)
    const { rows } = await db.database.pool.query<{ requests: number }>(
      'select count(*) as requests from booking_requests group by accepted_at order by accepted_at',
    )
    expect(rows.map(({ requests }) => requests)).toEqual([1, 256, 44])
  })

  it('has at most 200 notifications under way, and drops what is beyond', async () => {
    let notifications = 0
    const away = Promise.withResolvers<void>()
    const transport = {
      notify: () => {
        notifications++
        return away.promise
      },
    }
    const notifier = new Notifier(transport, testLogger)
    const notify = () => notifier.notify(1, { v: PAYLOAD_VERSION, lines: [], requestIds: [] })
    for (let count = 0; count < 250; count++) notify()
    expect(notifications).toBe(200)
    away.resolve()
    await new Promise(setImmediate)
    notify()
    expect(notifications).toBe(201)
  })
})

describe('showtimes and events', () => {
  it('are known up to 20,000, of which the oldest is forgotten', async () => {
    const asked: unknown[] = []
    // A database would be asked 20,000 times for nothing but this number.
    const pool = {
      query: ({ values }: { readonly values: readonly unknown[] }) => {
        asked.push(values[0])
        return Promise.resolve({ rows: [{ kind: 'event', name: 'A name' }] })
      },
    } as unknown as pg.Pool
    const known = new KnownResources(pool)
    for (let resource = 0; resource <= 20_000; resource++) await known.find(`resource ${resource}`)
    await known.find('resource 1')
    expect(asked).toHaveLength(20_001)
    await known.find('resource 0')
    expect(asked.slice(20_001)).toEqual(['resource 0'])
  })
})

describe('counts without Redis', () => {
  it('are of 200,000 keys at most, of which the oldest is forgotten', async () => {
    const counter = new MemoryHitCounter(() => 0)
    for (let key = 0; key <= 200_000; key++) await counter.hit(`key ${key}`, 1_000)
    expect(await counter.peek('key 0')).toMatchObject({ count: 0 })
    expect(await counter.peek('key 1')).toMatchObject({ count: 1 })
    expect(await counter.peek('key 200000')).toMatchObject({ count: 1 })
  })
})

describe('the catalogue', () => {
  const pointersOf = (check: (problems: FieldErrors) => void): readonly string[] => {
    const problems = new FieldErrors()
    check(problems)
    try {
      problems.throwIfAny()
      return []
    } catch (error) {
      if (isProblem(error, 'invalid_request')) return error.errors.map(({ pointer }) => pointer)
      throw error
    }
  }
  it('names 50 problems of an input at most', () => {
    const found = pointersOf((problems) => {
      for (let index = 0; index < 60; index++) problems.require(false, `/${index}`, 'Wrong.')
    })
    expect(found).toHaveLength(50)
  })
})

it("a mail's subject has at most 150 characters", () => {
  const letter = { preview: '', heading: '', blocks: [], footer: { text: '', contact: null } }
  const subjectOf = (subject: string) => setLetter({ ...letter, subject }).subject
  expect(subjectOf('🎬'.repeat(150))).toBe('🎬'.repeat(150))
  expect(subjectOf('🎬'.repeat(151))).toBe(`${'🎬'.repeat(149)}…`)
})
