import { expect, it } from 'vitest'
import { connectionsOf } from '@boxoffice/core/operations/connections-of.ts'
import {
  openCataloguePool,
  openDecidingPool,
  openGeneralPool,
  openIntakePool,
  openLifecyclePool,
  openProbePool,
  openReportsPool,
} from '@boxoffice/core/db/pools.ts'
import { testSettings } from '../support/settings.ts'
import { testLogger } from '../support/logger.ts'

const URL = 'postgres://nobody@127.0.0.1:1/nothing'

it('counts the connections of every pool of a process, and those of a queue on PostgreSQL', async () => {
  const pools = {
    intake: openIntakePool(URL, testLogger),
    deciding: openDecidingPool(URL, testLogger),
    lifecycle: openLifecyclePool(URL, 7, testLogger),
    general: openGeneralPool(URL, 7, testLogger),
    reports: openReportsPool(URL, testLogger),
    catalogue: openCataloguePool(URL, testLogger),
    probe: openProbePool(URL, testLogger),
  }
  const most = (...names: (keyof typeof pools)[]) => names.reduce((sum, name) => sum + pools[name].pool.options.max, 0)
  const api = most('intake', 'general', 'lifecycle', 'reports', 'catalogue', 'probe')
  const worker = most('deciding', 'lifecycle', 'probe')

  const onRedis = testSettings({ DATABASE_POOL: '7', QUEUE_URL: 'redis://127.0.0.1:6379', LANES: '3' })
  expect(connectionsOf(onRedis)).toEqual({ api, worker })
  // One to listen for each of three lanes and for maintenance, five to work with, and one for signals.
  const onPostgres = testSettings({ DATABASE_POOL: '7', LANES: '3' })
  expect(connectionsOf(onPostgres)).toEqual({ api: api + 10, worker: worker + 10 })
  await Promise.all(Object.values(pools).map((pool) => pool.close()))
})
