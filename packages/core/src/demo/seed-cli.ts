import { openDatabase } from '../db/connect.ts'
import { failureSentence, requireDatabaseUrl } from '../db/cli-failure.ts'
import { migrateDatabase } from '../db/migrate.ts'
import { createLogger } from '../runtime/logger.ts'
import { parseSettings } from '../settings/settings.ts'
import { seedDemo } from './seed.ts'

try {
  const settings = parseSettings(process.env)
  const url = requireDatabaseUrl(settings, 'npm run seed')
  await migrateDatabase(url)
  const database = openDatabase({
    url,
    name: 'boxoffice-seed',
    max: 1,
    logger: createLogger('seed', settings.LOG_LEVEL),
    statementTimeoutMs: 60_000,
    lockTimeoutMs: 60_000,
    idleInTransactionTimeoutMs: 60_000,
  })
  try {
    const demo = await seedDemo(database, new Date(), settings.LANES)
    process.stdout.write(`${JSON.stringify(demo, null, 2)}\n`)
  } finally {
    await database.close()
  }
} catch (error) {
  process.stderr.write(`${failureSentence(error)}\n`)
  process.exitCode = 1
}
