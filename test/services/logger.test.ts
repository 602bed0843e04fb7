import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { serializeError } from '@boxoffice/core/runtime/logger.ts'
import { sharedDatabase } from '../support/database.ts'
import { hasRedis, startRedis } from '../support/redis.ts'

const db = sharedDatabase()

describe('an error in the log', () => {
  it('says what failed, and nothing of the row that did', async () => {
    const { pool } = db.database
    await pool.query('create table people (email text, age int check (age > 0))')
    const error: unknown = await pool
      .query("insert into people values ('ada@example.org', -1)")
      .catch((e: unknown) => e)
    expect(error).toMatchObject({ detail: expect.stringContaining('ada@example.org') })
    const logged = serializeError(error)
    expect(logged).toMatchObject({ code: '23514', constraint: 'people_age_check', stack: expect.any(String) })
    expect(JSON.stringify(logged)).not.toContain('ada@example.org')
  })

  it.runIf(hasRedis())('does not repeat the password that Redis refused', async () => {
    const server = await startRedis()
    const redis = new Redis(`redis://someone:S3cret@127.0.0.1:${server.port}`, {
      lazyConnect: true,
      retryStrategy: null,
    })
    try {
      const refused = new Promise<Error>((resolve) => redis.once('error', resolve))
      redis.connect().catch(() => {})
      const error = await refused
      expect(JSON.stringify('command' in error && error.command)).toContain('S3cret')
      expect(JSON.stringify(serializeError(error))).not.toContain('S3cret')
    } finally {
      redis.disconnect()
      await server.stop()
    }
  })
})
