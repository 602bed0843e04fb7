import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { calculateJwkThumbprint } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadSecrets } from '@boxoffice/core/settings/secrets.ts'
import { parseSettings } from '@boxoffice/core/settings/settings.ts'
import { makeTicketKey, parseTicketKeys, publicKeySet } from '@boxoffice/core/settings/ticket-keys.ts'
import { startScript } from '../support/process.ts'
import { ticketKeys } from './keys.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'

/** The first test vector of RFC 8032, section 7.1, which RFC 8037, appendix A, takes over. */
const RFC_SEED = 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A'
const RFC_X = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
const RFC_THUMBPRINT = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'

describe('ticket keys', () => {
  test('are Ed25519 keys known by their thumbprint, as in the examples of the RFCs', async () => {
    const [key] = ticketKeys(RFC_SEED)
    expect(key.x).toBe(RFC_X)
    expect(key.kid).toBe(RFC_THUMBPRINT.slice(0, 8))
    for (const other of ticketKeys(makeTicketKey(), makeTicketKey())) {
      const thumbprint = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: other.x })
      expect(other.kid).toBe(thumbprint.slice(0, 8))
    }
  })

  test('are published without their private half, in the order given', () => {
    const seeds = [RFC_SEED, makeTicketKey()]
    const keys = ticketKeys(...seeds)
    const set = publicKeySet(keys)
    expect(set.keys.map(({ kid }) => kid)).toEqual(keys.map(({ kid }) => kid))
    expect(set.keys[0]).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      x: RFC_X,
      kid: RFC_THUMBPRINT.slice(0, 8),
      alg: 'EdDSA',
      use: 'sig',
    })
    for (const seed of seeds) expect(JSON.stringify(set)).not.toContain(seed)
  })

  test('are made anew each time, and may have spaces after the commas', () => {
    const [one, other] = [makeTicketKey(), makeTicketKey()]
    expect(one).not.toBe(other)
    expect(parseTicketKeys(`${one}, ${other}`)).toHaveLength(2)
  })

  test.each([
    ['nothing', ''],
    ['a comma too many', `${RFC_SEED},`],
    ['31 bytes', Buffer.alloc(31).toString('base64url')],
    ['33 bytes', Buffer.alloc(33).toString('base64url')],
    ['padding', `${RFC_SEED}=`],
    ['plain base64', RFC_SEED.replace('_', '/')],
    ['unused bits that are set', RFC_SEED.replace(/A$/, 'B')],
    ['characters in between', `${RFC_SEED.slice(0, 10)}!${RFC_SEED.slice(10)}`],
    ['the same key twice', `${RFC_SEED},${RFC_SEED}`],
  ])('are refused with %s', (_what, text) => {
    expect(parseTicketKeys(text)).toBeNull()
  })

  test('are printed by the command that makes one, and nothing else', async () => {
    const script = startScript('apps/api/src/ticket-key-cli.ts', {})
    expect((await script.exited).code).toBe(0)
    expect(script.output()).toMatch(/^[\w-]{43}\n$/)
    expect(parseTicketKeys(script.output().trim())).toHaveLength(1)
  })
})

describe('the setting TICKET_KEYS', () => {
  test('is refused in one sentence that does not repeat it', () => {
    const parse = () => parseSettings({ TICKET_KEYS: 'half-a-secret' })
    expect(parse).toThrow(StartupError)
    expect(parse).toThrow(/TICKET_KEYS: must be keys of 32 bytes/)
    expect(parse).not.toThrow(/half-a-secret/)
  })

  test('is required in production', () => {
    const missing = /TICKET_KEYS: is required in production/
    // Production asks for other settings too; whether it asks for this one is what counts.
    expect(() => parseSettings({ NODE_ENV: 'production' })).toThrow(missing)
    expect(() => parseSettings({ NODE_ENV: 'production', TICKET_KEYS: RFC_SEED })).not.toThrow(missing)
    expect(parseSettings({ TICKET_KEYS: RFC_SEED }).TICKET_KEYS).toBe(RFC_SEED)
  })
})

describe('the ticket keys of an instance', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'boxoffice-ticket-keys-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  const load = async (DATA_DIR: string, more: Record<string, string> = {}) =>
    (await loadSecrets(parseSettings({ DATA_DIR, ...more }))).ticketKeys
  const kids = (keys: Awaited<ReturnType<typeof load>>) => keys.map(({ kid }) => kid)

  test('are those that are set', async () => {
    const seeds = [makeTicketKey(), RFC_SEED]
    const keys = await load(join(directory, 'set'), { TICKET_KEYS: seeds.join(',') })
    expect(kids(keys)).toEqual(kids(ticketKeys(...seeds)))
  })

  test('are made once otherwise, the same for all that start together, and for their owner alone', async () => {
    const DATA_DIR = join(directory, 'made')
    const all = await Promise.all(Array.from({ length: 20 }, () => load(DATA_DIR)))
    expect(new Set(all.map((keys) => keys[0].x)).size).toBe(1)
    expect(kids(await load(DATA_DIR))).toEqual(kids(all[0] ?? ticketKeys()))
    expect((await stat(join(DATA_DIR, 'ticket-keys.json'))).mode & 0o777).toBe(0o600)
  })

  test('join the secrets that an instance had before there were tickets', async () => {
    const DATA_DIR = await mkdtemp(join(directory, 'older-'))
    const older = { jwtSecret: 'j'.repeat(43), guestSecret: 'g'.repeat(43) }
    const text = JSON.stringify(older)
    await writeFile(join(DATA_DIR, 'secrets.json'), text)
    const secrets = await loadSecrets(parseSettings({ DATA_DIR }))
    expect(secrets).toMatchObject(older)
    expect(kids(await load(DATA_DIR))).toEqual(kids(secrets.ticketKeys))
    expect(await readFile(join(DATA_DIR, 'secrets.json'), 'utf8')).toBe(text)
  })

  test('can be rotated in the file as in the setting', async () => {
    const DATA_DIR = join(directory, 'rotated')
    const [old] = await load(DATA_DIR)
    const path = join(DATA_DIR, 'ticket-keys.json')
    const { ticketKeys: kept }: { ticketKeys: string } = JSON.parse(await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify({ ticketKeys: `${RFC_SEED},${kept}` }))
    expect(kids(await load(DATA_DIR))).toEqual([RFC_THUMBPRINT.slice(0, 8), old.kid])
  })

  test.each(['{', '{}', '{"ticketKeys":"x"}'])('are not made again over a broken file: %s', async (text) => {
    const DATA_DIR = await mkdtemp(join(directory, 'broken-'))
    await writeFile(join(DATA_DIR, 'ticket-keys.json'), text)
    await expect(load(DATA_DIR)).rejects.toThrow(StartupError)
    expect(await readFile(join(DATA_DIR, 'ticket-keys.json'), 'utf8')).toBe(text)
  })

  test('are never made up in production', async () => {
    const settings = parseSettings({ JWT_SECRET: 'x'.repeat(32), GUEST_SECRET: 'y'.repeat(32) })
    await expect(loadSecrets({ ...settings, NODE_ENV: 'production' })).rejects.toThrow(/TICKET_KEYS/)
  })
})
