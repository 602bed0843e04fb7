import { randomBytes, randomUUID } from 'node:crypto'
import { link, open, readFile, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { makeDirectory } from '../runtime/make-directory.ts'
import { type Settings } from './settings.ts'
import { makeTicketKey, parseTicketKeys, type TicketKeys } from './ticket-keys.ts'
import { StartupError } from '../runtime/startup-error.ts'

/** Secrets that sign tokens and tickets. `jwtSecret` is `null` if a key set (JWKS_URL) takes its place. */
export interface Secrets {
  readonly jwtSecret: string | null
  readonly guestSecret: string
  readonly ticketKeys: TicketKeys
}

type SecretSettings = Pick<
  Settings,
  'NODE_ENV' | 'DATA_DIR' | 'JWT_SECRET' | 'JWKS_URL' | 'GUEST_SECRET' | 'TICKET_KEYS'
>

const secretsFileSchema = z.object({ jwtSecret: z.string().min(32), guestSecret: z.string().min(32) })
const ticketKeysFileSchema = z.object({ ticketKeys: z.string() })

/**
 * Loads the secrets of this instance: from the settings, or, outside production, created once and kept in
 * `DATA_DIR/secrets.json` and `DATA_DIR/ticket-keys.json`, readable by the owner only. Processes that start together
 * get the same ones. Throws `StartupError`.
 */
export async function loadSecrets(settings: SecretSettings): Promise<Secrets> {
  const tokenSecrets = await loadTokenSecrets(settings)
  return { ...tokenSecrets, ticketKeys: await loadTicketKeys(settings) }
}

async function loadTokenSecrets(settings: SecretSettings): Promise<Omit<Secrets, 'ticketKeys'>> {
  const usesKeySet = settings.JWKS_URL !== undefined
  if (settings.GUEST_SECRET !== undefined && (usesKeySet || settings.JWT_SECRET !== undefined)) {
    return { jwtSecret: usesKeySet ? null : (settings.JWT_SECRET ?? null), guestSecret: settings.GUEST_SECRET }
  }
  // The settings' schema asks for both in production; this guards against being called with less.
  if (settings.NODE_ENV === 'production') {
    throw new StartupError('GUEST_SECRET and one of JWT_SECRET and JWKS_URL are required in production.')
  }
  const kept = await keptSecrets(resolve(settings.DATA_DIR))
  return {
    jwtSecret: usesKeySet ? null : (settings.JWT_SECRET ?? kept.jwtSecret),
    guestSecret: settings.GUEST_SECRET ?? kept.guestSecret,
  }
}

async function loadTicketKeys(settings: SecretSettings): Promise<TicketKeys> {
  if (settings.TICKET_KEYS === undefined) {
    if (settings.NODE_ENV === 'production') throw new StartupError('TICKET_KEYS is required in production.')
    return await keptTicketKeys(resolve(settings.DATA_DIR))
  }
  const keys = parseTicketKeys(settings.TICKET_KEYS)
  // The settings' schema has refused these already.
  if (keys === null) throw new StartupError('TICKET_KEYS does not hold ticket keys.')
  return keys
}

/**
 * Loads the secret of tokens only; `null` if a key set takes its place. Calls `made` with the file if it had to create
 * one: no running process accepts what is signed with it. Throws `StartupError`.
 */
export async function loadJwtSecret(
  settings: Pick<SecretSettings, 'NODE_ENV' | 'DATA_DIR' | 'JWT_SECRET' | 'JWKS_URL'>,
  made: (path: string) => void,
): Promise<string | null> {
  if (settings.JWKS_URL !== undefined) return null
  if (settings.JWT_SECRET !== undefined) return settings.JWT_SECRET
  if (settings.NODE_ENV === 'production') throw new StartupError('JWT_SECRET or JWKS_URL is required in production.')
  return (await keptSecrets(resolve(settings.DATA_DIR), made)).jwtSecret
}

async function keptSecrets(
  directory: string,
  made: (path: string) => void = () => {},
): Promise<z.infer<typeof secretsFileSchema>> {
  const path = join(directory, 'secrets.json')
  const secret = () => randomBytes(32).toString('base64url')
  let text = await readIfPresent(path)
  if (text === null) {
    text = await create(path, { jwtSecret: secret(), guestSecret: secret() })
    made(path)
  }
  try {
    return secretsFileSchema.parse(JSON.parse(text))
  } catch {
    throw new StartupError(`${path} does not hold the two secrets it should; delete it to have new ones made.`)
  }
}

/**
 * Loads the ticket keys from a file of their own: `secrets.json` is older than tickets, and an instance keeps the
 * secrets it has.
 */
async function keptTicketKeys(directory: string): Promise<TicketKeys> {
  const path = join(directory, 'ticket-keys.json')
  const text = (await readIfPresent(path)) ?? (await create(path, { ticketKeys: makeTicketKey() }))
  const keys = parseKeptTicketKeys(text)
  if (keys !== null) return keys
  throw new StartupError(
    `${path} does not hold ticket keys; delete it to have a new one made, and tickets shown so far no longer verify.`,
  )
}

function parseKeptTicketKeys(text: string): TicketKeys | null {
  try {
    return parseTicketKeys(ticketKeysFileSchema.parse(JSON.parse(text)).ticketKeys)
  } catch {
    return null
  }
}

async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw new StartupError(`${path} cannot be read: ${message(error)}.`)
  }
}

/**
 * Writes the file aside and links it into place: linking fails where the name exists, so of several processes one wins,
 * and none ever reads half a file. Gives the text of the one that won.
 */
async function create(path: string, content: Readonly<Record<string, string>>): Promise<string> {
  const aside = `${path}.${randomUUID()}`
  try {
    await makeDirectory(dirname(path))
    const file = await open(aside, 'wx', 0o600)
    try {
      await file.writeFile(`${JSON.stringify(content, null, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    try {
      await link(aside, path)
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    }
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new StartupError(`The secrets cannot be kept in ${path}: ${message(error)}.`)
  } finally {
    await rm(aside, { force: true }).catch(() => undefined)
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
