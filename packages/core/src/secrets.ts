import { randomBytes, randomUUID } from 'node:crypto'
import { link, open, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { makeDirectory } from './make-directory.ts'
import { SettingsError, type Settings } from './settings.ts'

/** What tokens are signed with. `jwtSecret` is `null` where a key set (JWKS_URL) takes its place. */
export interface Secrets {
  readonly jwtSecret: string | null
  readonly guestSecret: string
}

const secretsFileSchema = z.object({ jwtSecret: z.string().min(32), guestSecret: z.string().min(32) })

/**
 * The secrets of this instance: from the settings, or, outside production, made once and kept in
 * `DATA_DIR/secrets.json` for the owner's eyes only. Processes that start together get the same ones.
 * Throws `SettingsError`.
 */
export async function loadSecrets(
  settings: Pick<Settings, 'NODE_ENV' | 'DATA_DIR' | 'JWT_SECRET' | 'JWKS_URL' | 'GUEST_SECRET'>,
): Promise<Secrets> {
  const usesKeySet = settings.JWKS_URL !== undefined
  if (settings.GUEST_SECRET !== undefined && (usesKeySet || settings.JWT_SECRET !== undefined)) {
    return { jwtSecret: usesKeySet ? null : (settings.JWT_SECRET ?? null), guestSecret: settings.GUEST_SECRET }
  }
  // The settings' schema asks for both in production; this guards against being called with less.
  if (settings.NODE_ENV === 'production') {
    throw new SettingsError('GUEST_SECRET and one of JWT_SECRET and JWKS_URL are required in production.')
  }
  const kept = await keptSecrets(resolve(settings.DATA_DIR))
  return {
    jwtSecret: usesKeySet ? null : (settings.JWT_SECRET ?? kept.jwtSecret),
    guestSecret: settings.GUEST_SECRET ?? kept.guestSecret,
  }
}

async function keptSecrets(directory: string): Promise<z.infer<typeof secretsFileSchema>> {
  const path = join(directory, 'secrets.json')
  const text = (await readIfPresent(path)) ?? (await create(directory, path))
  try {
    return secretsFileSchema.parse(JSON.parse(text))
  } catch {
    throw new SettingsError(`${path} does not hold the two secrets it should; delete it to have new ones made.`)
  }
}

async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw new SettingsError(`${path} cannot be read: ${message(error)}.`)
  }
}

/**
 * Writes the file aside and links it into place: linking fails where the name exists, so of several processes one wins,
 * and none ever reads half a file.
 */
async function create(directory: string, path: string): Promise<string> {
  const aside = `${path}.${randomUUID()}`
  try {
    await makeDirectory(directory)
    const file = await open(aside, 'wx', 0o600)
    try {
      const secret = () => randomBytes(32).toString('base64url')
      await file.writeFile(`${JSON.stringify({ jwtSecret: secret(), guestSecret: secret() }, null, 2)}\n`)
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
    throw new SettingsError(`The secrets cannot be kept in ${path}: ${message(error)}.`)
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
