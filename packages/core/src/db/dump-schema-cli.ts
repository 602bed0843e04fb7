import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createLogger } from '../runtime/logger.ts'
import { dumpSchema } from './dump-schema.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { migrateDatabase } from './migrate.ts'

// On a PostgreSQL of its own: what is written is what the migrations make, and nothing that a database was given since.
const directory = await mkdtemp(join(tmpdir(), 'boxoffice-dump-'))
try {
  // As root the server runs as another user, who must get in.
  await chmod(directory, 0o711)
  const postgres = await startEmbeddedPostgres({
    dataDir: directory,
    logger: createLogger('dump', 'warn'),
    durable: false,
  })
  try {
    await migrateDatabase(postgres.url)
    const client = new pg.Client({ connectionString: postgres.url })
    await client.connect()
    try {
      await writeFile(new URL('../../../../drizzle/schema.sql', import.meta.url), await dumpSchema(client))
    } finally {
      await client.end()
    }
  } finally {
    await postgres.stop()
  }
} finally {
  await rm(directory, { recursive: true, force: true })
}
