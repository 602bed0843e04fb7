import { parseSettings } from '../settings/settings.ts'
import { failureSentence, requireDatabaseUrl } from './cli-failure.ts'
import { migrateDatabase } from './migrate.ts'

try {
  const settings = parseSettings(process.env)
  await migrateDatabase(requireDatabaseUrl(settings, 'npm run migrate'))
  process.stdout.write('The schema is up to date.\n')
} catch (error) {
  process.stderr.write(`${failureSentence(error)}\n`)
  process.exitCode = 1
}
