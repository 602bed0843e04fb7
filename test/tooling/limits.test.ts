import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { settingsSchema } from '@boxoffice/core/settings/settings.ts'
import { PROBLEMS } from '@boxoffice/core/domain/problems.ts'

// docs/limits.md has every bound of the code, and the tests that it names exist.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PAGE = readFileSync(join(ROOT, 'docs/limits.md'), 'utf8')
const SOURCES = ['packages/core/src', 'packages/contract/src', 'apps/api/src', 'apps/worker/src']

/** The cells of each row of the page's tables, without their headers. */
const ROWS = PAGE.split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| bound') && !line.startsWith('| -'))
  .map(cellsOf)

function cellsOf(line: string): readonly string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}

/** Settings that bound nothing: addresses, secrets, names and switches. */
const NO_BOUNDS = [
  'NODE_ENV',
  'PORT',
  'HOST',
  'DATABASE_URL',
  'DATA_DIR',
  'QUEUE_URL',
  'QUEUE_NAMESPACE',
  'LIMITS',
  'METRICS_PORT',
  'JWT_SECRET',
  'JWKS_URL',
  'JWT_AUDIENCE',
  'JWT_ISSUER',
  'GUEST_SECRET',
  'TICKET_KEYS',
  'PAYMENT_PROVIDER',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'STRIPE_API_URL',
  'PUBLIC_URL',
  'TRUSTED_PROXIES',
  'CORS_ORIGINS',
  'WEBHOOKS_TO_PRIVATE_ADDRESSES',
  'SMTP_URL',
  'MAIL_FROM',
  'RECOVERY_URL',
  'METRICS_TOKEN',
  'WORKER_PORT',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_SERVICE_NAME',
  'LOG_LEVEL',
  'WARM_UP',
]

/** Returns the constants whose names say that they bound something, exported or not, with the file of each. */
function boundsOf(source: string): readonly { readonly name: string; readonly file: string }[] {
  const files = readdirSync(join(ROOT, source), { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const text = readFileSync(join(ROOT, source, file), 'utf8')
      const found = text.matchAll(/^(?:export )?const ((?:MAX|MOST)_\w+|\w+_(?:MAX|LIMIT|BUDGET)(?:_\w+)?)\b/gm)
      return [...found].map(([, name = '']) => ({ name, file: join(source, file) }))
    })
}

const isOnPage = (name: string, file = '') =>
  ROWS.some(([, setting = '']) => setting.includes(`\`${name}\``) && setting.includes(basename(file)))

describe('the limits page', () => {
  it('has rows of four cells, none of which is empty', () => {
    expect(ROWS.length).toBeGreaterThan(50)
    expect(ROWS.filter((row) => row.length !== 4 || row.includes(''))).toEqual([])
  })

  it('has every setting that is a bound', () => {
    const bounds = Object.keys(settingsSchema.shape).filter((name) => !NO_BOUNDS.includes(name))
    expect(bounds.filter((name) => !isOnPage(name))).toEqual([])
  })

  it('is compared with settings that exist', () => {
    expect(NO_BOUNDS.filter((name) => !(name in settingsSchema.shape))).toEqual([])
  })

  it('has every constant that is named as a bound, with its file', () => {
    const bounds = SOURCES.flatMap(boundsOf)
    expect(bounds.length).toBeGreaterThan(50)
    const missing = bounds.filter(({ name, file }) => !isOnPage(name, file))
    expect(missing.map(({ name, file }) => `${name} in ${file}`)).toEqual([])
  })

  it('names only tests that exist', () => {
    const named = [...PAGE.matchAll(/[\w./-]+\.test\.ts/g)].map(([file]) => file)
    expect(named.length).toBeGreaterThan(50)
    expect(named.filter((file) => !existsSync(join(ROOT, 'test', file)))).toEqual([])
  })

  it('names answers of the API by their status and code', () => {
    const codes: Readonly<Record<string, { readonly status: number }>> = PROBLEMS
    const named = [...PAGE.matchAll(/`(\d{3}) ([a-z_]+)`/g)]
    expect(named.length).toBeGreaterThan(10)
    const wrong = named.filter(([, status, code = '']) => codes[code]?.status !== Number(status))
    expect(wrong.map(([answer]) => answer)).toEqual([])
  })

  it('names only files of the code that exist', () => {
    const places: Readonly<Record<string, string>> = {
      core: 'packages/core/src',
      contract: 'packages/contract/src',
      api: 'apps/api/src',
      worker: 'apps/worker/src',
    }
    const named = ROWS.flatMap(([, setting = '']) => [...setting.matchAll(/`(core|contract|api|worker)\/([\w./-]+)`/g)])
    expect(named.length).toBeGreaterThan(50)
    const missing = named.filter(([, place = '', file = '']) => !existsSync(join(ROOT, places[place] ?? '', file)))
    expect(missing.map(([path]) => path)).toEqual([])
  })

  it('names only constants and settings that exist, each in the file beside it', () => {
    const constants = ROWS.flatMap(([, setting = '']) =>
      [...setting.matchAll(/`([A-Z][A-Z0-9_]+)`(?:[^;]*?)`(core|contract|api|worker)\/([\w./-]+)`/g)].map(
        ([, name = '', place = '', file = '']) => ({ name, place, file }),
      ),
    )
    const root = (place: string) => (['core', 'contract'].includes(place) ? 'packages' : 'apps')
    const missing = constants.filter(
      ({ name, place, file }) => !readFileSync(join(ROOT, root(place), place, 'src', file), 'utf8').includes(name),
    )
    expect(missing).toEqual([])
  })
})
