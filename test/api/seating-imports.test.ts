import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { layoutVersion } from '@boxoffice/contract/schemas/management-layout.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { writeLayout } from '@boxoffice/core/catalogue/create-layout.ts'
import { prepareLayout } from '@boxoffice/core/catalogue/prepare-layout.ts'
import { givenOrganizer, givenShowtime } from '../support/catalogue.ts'
import { holdLock, waitForBlocked } from '../support/locks.ts'
import { signTestToken } from '../support/tokens.ts'
import { layoutOfSize } from './layout-bodies.ts'
import { problemSchema, sharedLifecycleApp } from './start-lifecycle-app.ts'

const MAX_VERSIONS = 3

const app = sharedLifecycleApp({ environment: { LAYOUT_VERSIONS: String(MAX_VERSIONS) } })

async function givenHouse() {
  const house = await givenShowtime(app.db.database)
  const token = await signTestToken('organizer', { organizerId: house.organizerId })
  const path = `/v1/auditoriums/${house.auditoriumId}`
  return {
    ...house,
    import: (body: unknown) => app.send('PUT', `${path}/layout`, { token, body }),
    remove: (version: number | string, by = token) => app.send('DELETE', `${path}/layouts/${version}`, { token: by }),
    versions: async () => {
      const { body } = await app.send('GET', `${path}/layouts`, { token })
      return z
        .object({ items: z.array(layoutVersion) })
        .parse(body)
        .items.map(({ version }) => version)
    },
  }
}

async function countSeats(auditoriumId: string): Promise<number> {
  const { rows } = await app.db.database.pool.query<{ count: number }>(
    'select count(*)::int as count from seats join layouts l on l.id = layout_id where auditorium_id = $1',
    [auditoriumId],
  )
  return rows[0]?.count ?? -1
}

describe('the versions of an auditorium', () => {
  test('are as many as the setting lets there be; the same seating again is no new one', async () => {
    const house = await givenHouse()
    for (let seats = 2; seats <= MAX_VERSIONS; seats += 1) {
      expect((await house.import(layoutOfSize(seats))).status).toBe(201)
    }
    const refused = await house.import(layoutOfSize(9))
    expect(refused.status).toBe(409)
    expect(problemSchema.parse(refused.body)).toMatchObject({ code: 'too_many_versions', versions: 3, limit: 3 })
    expect((await house.import(layoutOfSize(MAX_VERSIONS))).status).toBe(200)
    expect((await house.remove(2)).status).toBe(204)
    expect((await house.import(layoutOfSize(9))).status).toBe(201)
    expect(await house.versions()).toEqual([4, 3, 1])
  })

  test('are not more where two are imported at once: the second one waits for the first', async () => {
    const house = await givenHouse()
    expect((await house.import(layoutOfSize(2))).status).toBe(201)
    const answers = await Promise.all([3, 4, 5].map((seats) => house.import(layoutOfSize(seats))))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(2)
    expect(await house.versions()).toEqual([3, 2, 1])
  })

  test('go with their seats where no showtime uses them and they are not the latest', async () => {
    const house = await givenHouse()
    const seatsBefore = await countSeats(house.auditoriumId)
    await house.import(layoutOfSize(2))
    await house.import(layoutOfSize(3))
    expect(await countSeats(house.auditoriumId)).toBe(seatsBefore + 5)
    expect((await house.remove(2)).status).toBe(204)
    expect(await countSeats(house.auditoriumId)).toBe(seatsBefore + 3)
    for (const version of [2, 9]) expect((await house.remove(version)).status).toBe(404)
    expect((await house.remove('0')).status).toBe(404)
    const used = await house.remove(1)
    expect([used.status, problemSchema.parse(used.body)]).toMatchObject([409, { code: 'layout_in_use', showtimes: 1 }])
    expect((await house.remove(3)).status).toBe(409)
    expect(await house.versions()).toEqual([3, 1])
    const { rows } = await app.db.database.pool.query(
      `select before from audit where action = 'layout.deleted' and before->>'auditoriumId' = $1`,
      [house.auditoriumId],
    )
    expect(rows).toEqual([{ before: { auditoriumId: house.auditoriumId, version: 2 } }])
  })

  test('are nothing to others', async () => {
    const house = await givenHouse()
    await house.import(layoutOfSize(2))
    const { organizerId } = await givenOrganizer(app.db.database)
    expect((await house.remove(1, await signTestToken('organizer', { organizerId }))).status).toBe(404)
  })
})

describe('imports', () => {
  test('of one organizer go one after the other, a few wait, and those of a neighbour go on', async () => {
    const house = await givenHouse()
    const neighbour = await givenHouse()
    const lock = await holdLock(app.db, 'select from auditoriums where id = $1 for update', [house.auditoriumId])
    try {
      const first = house.import(layoutOfSize(2))
      await waitForBlocked(app.db, { by: lock })
      // Three may wait; the lock is held, so none of them is through.
      const waiting = [1, 2, 3].map(() => house.import(layoutOfSize(2)))
      const refused = await Promise.race([house.import(layoutOfSize(2)), ...waiting])
      expect([refused.status, problemSchema.parse(refused.body).code]).toEqual([429, 'too_many_requests'])
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await neighbour.import(layoutOfSize(2))).status).toBe(201)
      await lock.release()
      const all = await Promise.all([first, ...waiting])
      expect(all.filter(({ status }) => status === 201)).toHaveLength(1)
      expect(all.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(2)
    } finally {
      await lock.release()
    }
  })

  test('that take the database too long are given up, and leave nothing behind', async () => {
    const { organizerId, auditoriumId } = await givenHouse()
    const seats = await countSeats(auditoriumId)
    const { categories, rows } = layoutOfSize(20_000)
    const layout = prepareLayout({ categories, rows })
    expect(layout.chunks.map(({ first }) => first)).toEqual([1, 5_001, 10_001, 15_001])
    const write = (withinMs: number) =>
      inTransaction(app.db.database, (tx) =>
        writeLayout(tx, { actor: 'test', requestId: null, organizerId, auditoriumId, layout }, withinMs),
      )
    await expect(write(-1)).rejects.toMatchObject({ code: 'overloaded' })
    expect(await countSeats(auditoriumId)).toBe(seats)
    expect(await write(60_000)).toMatchObject({ version: 2 })
    expect(await countSeats(auditoriumId)).toBe(seats + 20_000)
  })

  test('without a body, and with one of the wrong kind, are told so', async () => {
    const house = await givenHouse()
    const nothing = await house.import(undefined)
    expect([nothing.status, problemSchema.parse(nothing.body).errors]).toMatchObject([
      400,
      [{ pointer: '', detail: 'This needs a JSON body.' }],
    ])
    const deep = await house.import(`${'['.repeat(100_000)}`)
    expect([deep.status, problemSchema.parse(deep.body).code]).toEqual([400, 'invalid_request'])
    const large = await house.import(`{"a":"${'x'.repeat(8 * 1024 * 1024)}"}`)
    expect([large.status, problemSchema.parse(large.body).code]).toEqual([413, 'body_too_large'])
  })
})
