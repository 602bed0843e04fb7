import { JWT_SECRET } from '../../apps/load/src/target/processes.ts'
import type { OpenTarget, Target } from '../../apps/load/src/target/target.ts'
import { openProduct } from '../../apps/load/src/target/embedded.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { hasRedis, startRedis } from '../support/redis.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

/** Everything that runs of the flood need, once for all of them. */
export interface ScenarioStack extends Target {
  readonly db: TestDatabase
  readonly directory: string
  /** Arguments that send the command at the running product. */
  urlArguments(): Promise<readonly string[]>
}

/**
 * Starts one database, and one API and worker for all scenarios that want the same settings. Redis is used if this
 * machine has it.
 */
export async function startScenarioStack(): Promise<ScenarioStack> {
  const [db, redis, directory] = await Promise.all([
    createTestDatabase(),
    hasRedis() ? startRedis() : null,
    makeTemporaryDirectory(),
  ])
  const products = new Map<string, OpenTarget>()

  const productWith = async (settings: Readonly<Record<string, string>>): Promise<OpenTarget> => {
    const key = JSON.stringify(settings)
    const running = products.get(key)
    if (running !== undefined) return running
    const product = await openProduct(db.database, [], {
      databaseUrl: db.url,
      queueUrl: redis?.url ?? null,
      dataDirectory: directory.path,
      profile: null,
      settings,
    })
    products.set(key, product)
    return product
  }

  return {
    description: 'a test',
    machine: null,
    embedded: null,
    db,
    directory: directory.path,
    open: async ({ settings }) => ({ ...(await productWith(settings)), close: () => Promise.resolve() }),
    urlArguments: async () => {
      const { url } = await productWith({})
      return ['--url', url, '--database-url', db.url, '--jwt-secret', JWT_SECRET, '--out', directory.path]
    },
    stop: async () => {
      for (const product of products.values()) await product.close()
      await db.drop()
      await redis?.stop()
      await directory.remove()
    },
  }
}
