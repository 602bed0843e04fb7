import { eq } from '@boxoffice/core/db/drizzle.ts'
import { describe, expect, it } from 'vitest'
import { organizers } from '@boxoffice/core/db/schema/index.ts'
import { redactedValue } from '@boxoffice/core/runtime/log-redaction.ts'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import { sharedDatabase } from '../support/database.ts'
import { signTestToken } from '../support/tokens.ts'

const db = sharedDatabase()

function recordingLogger() {
  const lines: string[] = []
  const logger = createLogger('test', 'debug', { write: (line: string) => void lines.push(line) })
  return { logger, text: () => lines.join('') }
}

const PERSON = { name: 'Ada Lovelace-Byron', email: 'ada.lovelace@example.org', phone: '+351 912 345 678' }
const PASSWORD = 'pa55-of-the-server'

/** Nests `value` below `depth` fields. */
const nested = (value: unknown, depth: number): unknown => (depth === 0 ? value : { inner: nested(value, depth - 1) })

/**
 * Returns the milliseconds that one call of `work` takes. It is the fastest of some rounds of many calls, so that other
 * work on the machine counts as little as possible.
 */
function fastestMs(work: () => void): number {
  const rounds = Array.from({ length: 6 }, () => {
    const since = performance.now()
    for (let call = 0; call < 10; call++) work()
    return (performance.now() - since) / 10
  })
  return Math.min(...rounds)
}

describe('the log', () => {
  for (const depth of [0, 1, 2, 4, 6]) {
    it(`has nobody's name and no secret that is nested ${depth} deep, nor in a list`, async () => {
      const token = await signTestToken('customer')
      const { logger, text } = recordingLogger()
      const secrets = {
        customer: PERSON,
        payload: { seats: ['A1'], customer: PERSON },
        email: PERSON.email,
        Phone: PERSON.phone,
        token,
        headers: { authorization: `Bearer ${token}`, cookie: `session=${token}`, 'set-cookie': [`session=${token}`] },
        smtp: `smtps://mailer:${PASSWORD}@mail.example.org:465`,
        databaseUrl: `postgres://boxoffice:${PASSWORD}@db.internal:5432/boxoffice`,
        redis: `rediss://default:${PASSWORD}@cache.internal:6379`,
        sentence: `mail to <${PERSON.email}> with Bearer ${token} and whsec_c2VjcmV0 was refused`,
        password: PASSWORD,
        keys: ['bo_7KQ2XM9PWT_vJ2nT0Yb1cXqT9sGm3iH4kL5oP6rS7tU8wZ9aB0cD1e', 'sk_live_abcdef'],
      }
      logger.info({ deep: nested([secrets], depth), lane: 3, from: 7, to: 9 }, 'something happened')
      for (const secret of [
        ...Object.values(PERSON),
        token,
        PASSWORD,
        'c2VjcmV0',
        'vJ2nT0Yb1cXqT9sGm3iH4kL5oP6rS7tU8wZ9aB0cD1e',
        'sk_live_abcdef',
      ]) {
        expect(text()).not.toContain(secret)
      }
      expect(JSON.parse(text())).toMatchObject({ lane: 3, from: 7, to: 9, msg: 'something happened' })
    })
  }

  it('says which statement failed and not what it was given', async () => {
    const { logger, text } = recordingLogger()
    const { orm } = db.database
    const failing = orm.update(organizers).set({ name: PERSON.name }).where(eq(organizers.id, PERSON.email))
    const error: unknown = await failing.then(
      () => null,
      (failure: unknown) => failure,
    )
    expect(String(error)).toContain(PERSON.name)
    logger.error({ err: error }, 'failed')
    expect(text()).toContain('update \\"organizers\\"')
    for (const secret of Object.values(PERSON)) expect(text()).not.toContain(secret)
  })

  it('takes no longer for long and nasty texts', () => {
    const { logger, text } = recordingLogger()
    const nasty = ['a', 'a@', 'eyJ-', 'a://', 'sk_-', 'params: ', 'Bearer '].map((part) => part.repeat(100_000))
    const before = performance.now()
    logger.warn({ nasty: nasty.map((each) => each + PERSON.email) }, 'long')
    // It takes seconds if it grows with the square of the length.
    expect(performance.now() - before).toBeLessThan(1_500)
    expect(text()).toContain('[cut off]')
    expect(text()).not.toContain(PERSON.email)
  })

  it.each([401, 1_200, 6_000])('has no part of a password of %i characters in a URL', (length) => {
    // Clouds give out such tokens as passwords of databases.
    const password = 'X-Amz-Signature=9f%2Ba&'.repeat(300).slice(0, length)
    const { logger, text } = recordingLogger()
    for (const scheme of ['postgres', 'rediss']) {
      logger.error({ url: `${scheme}://app:${password}@db.example.com:5432/x` }, 'failed')
      logger.error(
        { err: new Error(`connecting to ${scheme}://app:${password}@db.example.com:5432/x failed`) },
        'failed',
      )
    }
    expect(text()).toContain('connecting to postgres:')
    expect(text()).not.toContain('Amz')
  })

  it.each(['a', 'a:', 'a-', 'a://', 'a://x', '://x', 'a://x:y', 'a://x@'])(
    'looks for passwords in eight times as much of %j in a time that grows with it, not with its square',
    (part) => {
      const [short, long] = [1_900, 15_200].map((length) => part.repeat(length).slice(0, length))
      const [shortMs, longMs] = [short, long].map((text) => fastestMs(() => void redactedValue(text)))
      // 8 times; 64 with the square.
      expect((longMs ?? Infinity) / (shortMs ?? 0)).toBeLessThan(24)
    },
  )

  it('shows no half of a secret where a text is cut off', () => {
    const { logger, text } = recordingLogger()
    for (let shift = 0; shift < 40; shift++) {
      logger.warn({ what: `${'x '.repeat(7_990)}${' '.repeat(shift)}${PERSON.email} more` }, 'long')
    }
    expect(text()).not.toContain('ada.love')
  })

  it('does not show what an error of a mail server or a provider quotes', () => {
    const { logger, text } = recordingLogger()
    const error = Object.assign(new Error(`550 <${PERSON.email}> is unknown here`), {
      envelope: { from: 'tickets@localhost', to: [PERSON.email] },
      response: `550 <${PERSON.email}>`,
      cause: new Error(`connecting to smtp://mailer:${PASSWORD}@mail.example.org failed`),
    })
    logger.warn({ err: error }, 'mail not sent')
    expect(text()).toContain('is unknown here')
    expect(text()).not.toContain(PERSON.email)
    expect(text()).not.toContain(PASSWORD)
  })
})
