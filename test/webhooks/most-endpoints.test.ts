import { afterEach, describe, expect, it } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { MAX_WEBHOOK_ENDPOINTS } from '@boxoffice/core/domain/webhook-endpoint.ts'
import { keyedRequest } from '@boxoffice/core/use-case/idempotency.ts'
import { createEndpoint } from '@boxoffice/core/webhooks/create-endpoint.ts'
import { deleteEndpoint } from '@boxoffice/core/webhooks/delete-endpoint.ts'
import { updateEndpoint } from '@boxoffice/core/webhooks/update-endpoint.ts'
import { givenOrganizer } from '../support/catalogue.ts'
import { holdBefore, interceptTransactions } from '../support/intercepted-database.ts'
import { waitForBlocked } from '../support/locks.ts'
import { sharedStage } from './harness.ts'

const URL_OF_SHOP = 'https://shop.example/boxoffice'
const REFUSED = { code: 'too_many_endpoints', facts: { limit: MAX_WEBHOOK_ENDPOINTS } }

const stage = sharedStage()
afterEach(() => stage.reset())

const create = (owner: string | null, database = stage.db.database, key: string | null = null) => {
  const keyed = keyedRequest('organizer-1', key, 'POST /v1/webhook-endpoints', {})
  const terms = {
    organizerId: owner,
    url: URL_OF_SHOP,
    description: '',
    eventTypes: [],
    actor: 'test',
    requestId: null,
    keyed,
  }
  return createEndpoint(database, terms)
}

async function givenEndpoints(owner: string | null, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n++) ids.push((await create(owner)).id)
  return ids
}

async function countOf(owner: string | null): Promise<number | undefined> {
  const { rows } = await stage.db.database.pool.query<{ count: number }>(
    `select count(*)::int as count from webhook_endpoints
     where organizer_id is not distinct from $1 and deleted_at is null`,
    [owner],
  )
  return rows[0]?.count
}

const owners: [string, () => string | null][] = [
  ['an organizer', () => stage.organizerId],
  ['the service itself', () => null],
]

describe.each(owners)('the endpoints of %s', (_, ownerOf) => {
  it('are so many at the most, disabled ones included', async () => {
    const owner = ownerOf()
    const [first = '', second = ''] = await givenEndpoints(owner, MAX_WEBHOOK_ENDPOINTS)
    await expect(create(owner)).rejects.toMatchObject(REFUSED)
    const by = { organizerId: owner, actor: 'test', requestId: null }
    await updateEndpoint(stage.db.database, { ...by, id: first, status: 'disabled' })
    await expect(create(owner)).rejects.toMatchObject(REFUSED)
    await updateEndpoint(stage.db.database, { ...by, id: first, status: 'active' })
    await deleteEndpoint(stage.db.database, { ...by, id: second })
    await create(owner)
    await expect(create(owner)).rejects.toMatchObject(REFUSED)
    expect(await countOf(owner)).toBe(MAX_WEBHOOK_ENDPOINTS)
  })

  it('are those of nobody else', async () => {
    await givenEndpoints(ownerOf(), MAX_WEBHOOK_ENDPOINTS)
    const other = await givenOrganizer(stage.db.database)
    await create(other.organizerId)
    await create(ownerOf() === null ? stage.organizerId : null)
  })

  it('are shown again to whoever repeats the request that made the last one', async () => {
    const owner = ownerOf()
    await givenEndpoints(owner, MAX_WEBHOOK_ENDPOINTS - 1)
    const key = crypto.randomUUID()
    const { id } = await create(owner, stage.db.database, key)
    expect(await create(owner, stage.db.database, key)).toEqual({ id, replayed: true })
  })

  describe('of which two are made at the same moment, with room for one', () => {
    /** Creates two endpoints at once. The first has counted and is held before it commits, while the second comes. */
    async function race(guard: (database: Database) => Database, waits: boolean) {
      const owner = ownerOf()
      await givenEndpoints(owner, MAX_WEBHOOK_ENDPOINTS - 1)
      const hold = holdBefore('insert-catalogue-records')
      // A pool of its own, because a connection remembers the text of each statement.
      const own = stage.db.open()
      const first = create(owner, hold.wrap(guard(own)))
      await hold.reached
      const second = create(owner, guard(own))
      const both = Promise.allSettled([first, second])
      try {
        await (waits ? waitForBlocked(stage.db) : second)
      } finally {
        hold.release()
        await both
        await own.close()
      }
      const outcomes = (await both).map((outcome) => (outcome.status === 'fulfilled' ? 'made' : outcome.reason))
      return { outcomes, count: await countOf(owner) }
    }

    it('are one too many without the lock: the control', async () => {
      const withoutLock = (database: Database) =>
        interceptTransactions(database, ({ name, text, run }) => {
          if (name === 'lock-webhook-owner') return run(text.replace('for no key update', ''))
          return run(name === 'lock-webhook-service' ? 'select' : text)
        })
      expect(await race(withoutLock, false)).toEqual({ outcomes: ['made', 'made'], count: MAX_WEBHOOK_ENDPOINTS + 1 })
    })

    it('are no more than there may be, with it', async () => {
      expect(await race((database) => database, true)).toMatchObject({
        outcomes: ['made', REFUSED],
        count: MAX_WEBHOOK_ENDPOINTS,
      })
    })
  })
})
