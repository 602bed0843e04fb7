import { execFile } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { loadSecrets } from '@boxoffice/core/settings/secrets.ts'
import { parseSettings } from '@boxoffice/core/settings/settings.ts'
import { ASKED_AGAIN_AFTER_MS, FIRST_ASKED_AGAIN_AFTER_MS, KEPT_FOR_MS } from '@boxoffice/core/access/issuer-keys.ts'
import { createLogger, type Logger } from '@boxoffice/core/runtime/logger.ts'
import { createTokenVerifier, signGuestToken } from '@boxoffice/core/access/tokens.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'

const GUEST_SECRET = 'a secret for guests, long enough for HS256'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'boxoffice-secrets-'))
})
afterAll(() => rm(directory, { recursive: true }))

describe('npm run token', () => {
  const CLI = fileURLToPath(new URL('../../apps/api/src/token-cli.ts', import.meta.url))

  /** Returns the error that the command prints, without the usage; an empty text if it makes a token. */
  const complaint = (...args: readonly string[]) =>
    new Promise<string>((resolve) => {
      const env = { ...process.env, JWT_SECRET: 'j'.repeat(32), GUEST_SECRET, DATA_DIR: directory }
      execFile(process.execPath, [CLI, '--role', 'staff', ...args], { env }, (_error, _out, errors) => {
        resolve(errors.split(' Usage: ')[0] ?? '')
      })
    })

  test('says which lifetimes it takes', async () => {
    const rule = '--ttl must be a whole number of seconds from 1 to 315360000, which is ten years.'
    const asked = [['--ttl=0'], ['--ttl=315360001'], ['--ttl', '-5'], ['--ttl', '60']]
    const complaints = await Promise.all(asked.map((args) => complaint(...args)))
    expect(complaints).toEqual([rule, rule, "Option '--ttl' argument is ambiguous.", ''])
  })

  test('says that it had to make secrets, once, and makes no ticket keys', async () => {
    const DATA_DIR = join(directory, 'another')
    const env = { PATH: process.env['PATH'], DATA_DIR }
    const run = () => promisify(execFile)(process.execPath, [CLI, '--role', 'admin'], { env })
    const [first, second] = [await run(), await run()]
    const path = join(DATA_DIR, 'secrets.json')
    expect(first.stderr).toBe(
      `New secrets were made in ${path}: only a Boxoffice with that DATA_DIR takes this token.\n`,
    )
    expect(first.stdout).toMatch(/^eyJ[^\n]+\n$/)
    expect(second.stderr).toBe('')
    expect(await readdir(DATA_DIR)).toEqual(['secrets.json'])
  })
})

describe('secrets', () => {
  const settings = (more: Record<string, string> = {}) => parseSettings({ DATA_DIR: directory, ...more })

  test('processes that start at once get the same ones, kept for their owner alone', async () => {
    const DATA_DIR = join(directory, 'made', 'on demand')
    const all = await Promise.all(Array.from({ length: 20 }, () => loadSecrets(settings({ DATA_DIR }))))
    expect(new Set(all.map((secrets) => JSON.stringify(secrets))).size).toBe(1)
    const path = join(DATA_DIR, 'secrets.json')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(all[0]).toMatchObject(JSON.parse(await readFile(path, 'utf8')))
    expect(await loadSecrets(settings({ DATA_DIR }))).toEqual(all[0])
  })

  test('a secret in the settings wins over a stored one', async () => {
    const JWT_SECRET = 'x'.repeat(32)
    expect((await loadSecrets(settings({ JWT_SECRET }))).jwtSecret).toBe(JWT_SECRET)
    expect((await loadSecrets(settings({ GUEST_SECRET }))).guestSecret).toBe(GUEST_SECRET)
    expect((await loadSecrets(settings({ JWKS_URL: 'https://example.com/keys' }))).jwtSecret).toBeNull()
  })

  test('a broken file and a directory that cannot be made are each told in one sentence', async () => {
    const DATA_DIR = await mkdtemp(join(directory, 'broken-'))
    await writeFile(join(DATA_DIR, 'secrets.json'), '{')
    await expect(loadSecrets(settings({ DATA_DIR }))).rejects.toThrow(StartupError)
    await expect(loadSecrets(settings({ DATA_DIR: join(DATA_DIR, 'secrets.json', 'x') }))).rejects.toThrow(StartupError)
  })

  test('nothing is made up in production', async () => {
    const inProduction = { ...settings(), NODE_ENV: 'production' as const, GUEST_SECRET }
    await expect(loadSecrets(inProduction)).rejects.toThrow(StartupError)
  })
})

describe('tokens of an issuer with a key set', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  let server: Server
  let JWKS_URL: string
  let fetched = 0
  let status = 200
  let served = publicKey

  beforeAll(async () => {
    server = createServer((_request, response) => {
      fetched++
      response.writeHead(status, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify({ keys: [{ ...served.export({ format: 'jwk' }), kid: 'k1', alg: 'EdDSA' }] }))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    JWKS_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  })
  afterAll(() => {
    server.close()
  })

  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

  function issue(claims: object = {}, header: object = {}, key = privateKey): string {
    const signed = [
      { alg: 'EdDSA', kid: 'k1', ...header },
      {
        sub: 'u1',
        role: 'customer',
        iss: 'idp',
        aud: 'boxoffice',
        exp: Math.floor(Date.now() / 1_000) + 60,
        ...claims,
      },
    ].map(encode)
    return `${signed.join('.')}.${sign(null, Buffer.from(signed.join('.')), key).toString('base64url')}`
  }

  const verifier = (logger: Logger | null = null) =>
    createTokenVerifier(
      { JWKS_URL, JWT_AUDIENCE: 'boxoffice', JWT_ISSUER: 'idp' },
      { jwtSecret: null, guestSecret: GUEST_SECRET },
      logger,
    )

  test('are accepted, and the keys are fetched once', async () => {
    const verify = verifier()
    const before = fetched
    const org = '01890000-0000-7000-8000-00000000000A'
    expect(await verify(issue({ role: 'staff', org }))).toEqual({
      subject: 'u1',
      role: 'staff',
      organizerId: org.toLowerCase(),
      guest: false,
      scopes: null,
      bookingId: null,
    })
    await verify(issue({ sub: 'u2' }))
    expect(fetched).toBe(before + 1)
  })

  test('of another issuer, key or algorithm are refused', async () => {
    const verify = verifier()
    const otherKey = generateKeyPairSync('ed25519').privateKey
    for (const token of [
      issue({ iss: 'elsewhere' }),
      issue({ iss: undefined }),
      issue({}, { kid: 'k2' }),
      issue({}, { alg: 'HS256' }),
      issue({}, {}, otherKey),
    ]) {
      await expect(verify(token)).rejects.toMatchObject({ code: 'unauthenticated' })
    }
  })

  test.each(['system', 'key:01890000-0000-7000-8000-000000000001', 'provider:stripe', 'guest:g1'])(
    'cannot say that they are %s, who is one of us',
    async (sub) => {
      await expect(verifier()(issue({ sub, role: 'admin' }))).rejects.toMatchObject({ code: 'unauthenticated' })
      await expect(verifier()(issue({ sub: `u-${sub}` }))).resolves.toMatchObject({ subject: `u-${sub}` })
    },
  )

  test('guests are verified with our own key all the same', async () => {
    const caller = await verifier()(await signGuestToken('g1', 60, GUEST_SECRET))
    expect(caller).toEqual({
      subject: 'guest:g1',
      role: 'customer',
      organizerId: null,
      guest: true,
      scopes: null,
      bookingId: null,
    })
  })

  describe('that is away', () => {
    const rotated = generateKeyPairSync('ed25519')

    // The clock alone: the server's and the client's own timers run as ever.
    beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
    afterEach(() => {
      vi.useRealTimers()
      status = 200
      served = publicKey
    })
    const letPass = (ms: number) => vi.setSystemTime(Date.now() + ms)

    test('keeps every caller out after ten minutes, where its keys are simply fetched again: the control', async () => {
      const keySet = createRemoteJWKSet(new URL(JWKS_URL))
      const verify = () => jwtVerify(issue(), keySet)
      await verify()
      status = 500
      letPass(600_001)
      await expect(verify()).rejects.toThrow('Expected 200 OK')
    })

    test('keeps nobody out for a day, and is asked once in ten seconds; it is told once, and so is its return', async () => {
      const said: string[] = []
      const logger = createLogger('test', 'silent')
      logger.warn = (_: unknown, what?: string) => void said.push(`warn: ${what}`)
      logger.info = (_: unknown, what?: string) => void said.push(`info: ${what}`)
      const verify = verifier(logger)
      let people = 0
      const comesIn = async (at = 'k1') => verify(issue({ sub: `person-${(people += 1)}` }, { kid: at }))
      await comesIn()
      status = 500
      letPass(600_001)
      const before = fetched
      for (let call = 0; call < 20; call += 1) await expect(comesIn()).resolves.toMatchObject({ role: 'customer' })
      await Promise.all(Array.from({ length: 20 }, () => comesIn()))
      expect(fetched).toBe(before + 1)
      expect(said).toEqual(['warn: the token issuer is away: its last keys count until then'])

      // A key that it did not have is nobody's: nothing is known about it, and asking goes no faster.
      for (let call = 0; call < 20; call += 1)
        await expect(comesIn('k2')).rejects.toMatchObject({ code: 'unavailable' })
      expect(fetched).toBe(before + 1)
      letPass(ASKED_AGAIN_AFTER_MS)
      await expect(comesIn('k2')).rejects.toMatchObject({ code: 'unavailable' })
      expect(fetched).toBe(before + 2)

      letPass(KEPT_FOR_MS - 600_001 - ASKED_AGAIN_AFTER_MS - 1)
      await expect(comesIn()).resolves.toMatchObject({ role: 'customer' })
      letPass(1 + ASKED_AGAIN_AFTER_MS)
      await expect(comesIn()).rejects.toMatchObject({ code: 'unavailable' })

      status = 200
      letPass(ASKED_AGAIN_AFTER_MS)
      await expect(comesIn()).resolves.toMatchObject({ role: 'customer' })
      expect(said).toHaveLength(2)
      expect(said[1]).toBe('info: the keys of the token issuer can be had again')
    })

    test('has its old keys refused once it is back with others', async () => {
      const verify = verifier()
      await verify(issue())
      status = 500
      letPass(600_001)
      await verify(issue({ sub: 'u2' }))
      status = 200
      served = rotated.publicKey
      letPass(ASKED_AGAIN_AFTER_MS)
      // The first call is let in by the last set, while the next one is fetched; calls that wait for it are not.
      await verify(issue({ sub: 'u3' }))
      await expect.poll(() => verify(issue({ sub: 'u4' }, {}, rotated.privateKey))).toMatchObject({ subject: 'u4' })
      await expect(verify(issue({ sub: 'u5' }))).rejects.toMatchObject({ code: 'unauthenticated' })
    })

    test('lets nobody in before its keys were ever had, and everybody a second after they can be', async () => {
      const verify = verifier()
      status = 500
      const before = fetched
      for (let call = 0; call < 5; call += 1)
        await expect(verify(issue())).rejects.toMatchObject({ code: 'unavailable' })
      expect(fetched).toBe(before + 1)
      status = 200
      letPass(FIRST_ASKED_AGAIN_AFTER_MS)
      expect(await verify(issue())).toMatchObject({ subject: 'u1' })
    })

    test('is asked by one fetch for all that wait for its keys', async () => {
      const verify = verifier()
      const before = fetched
      await Promise.all(Array.from({ length: 20 }, (_, at) => verify(issue({ sub: `u${at}` }))))
      expect(fetched).toBe(before + 1)
    })
  })
})
