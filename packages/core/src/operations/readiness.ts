import { type Database, pingDatabase } from '../db/connect.ts'
import { isSchemaCurrent } from '../db/schema-version.ts'
import type { Transport } from '../queue/transport.ts'
import { within } from '../runtime/within.ts'

const PROBE_TIMEOUT_MS = 1_500

/** Probes come from several sides, and anybody may send them: those of a moment share one look. */
const LOOK_FRESH_FOR_MS = 500

/** One part of a process, and in one sentence what is wrong with it. No addresses and no secrets: anybody may ask. */
export type Check = { readonly ok: true } | { readonly ok: false; readonly why: string }

export interface Readiness {
  readonly ready: boolean
  readonly checks: Readonly<Record<string, Check>>
}

export interface ReadinessDependencies {
  readonly database: Database
  /** `null` until there is one. */
  readonly queue: () => Pick<Transport, 'queue'> | null
  /** The process was asked to stop: traffic should go elsewhere. */
  readonly isStopping: () => boolean
  /** Further parts without which the process is not ready. */
  readonly more?: Readonly<Record<string, () => Check>>
}

type Looked = Readonly<Record<'database' | 'schema' | 'queue', Check>>

const OK: Check = { ok: true }

/**
 * Says what of a process works. The queue is told of and is no condition: without it requests are accepted and decided
 * all the same, a little later, so that taking the process out would only make it worse. However often it is asked, the
 * database and the queue are asked twice a second at most.
 */
export function readinessProbe(deps: ReadinessDependencies): () => Promise<Readiness> {
  const { isStopping, more = {} } = deps
  let looking: Promise<Looked> | null = null
  let lookedAt = Number.NEGATIVE_INFINITY
  const looked = () => {
    if (looking !== null && performance.now() - lookedAt < LOOK_FRESH_FOR_MS) return looking
    const look = lookAt(deps).finally(() => {
      lookedAt = performance.now()
    })
    lookedAt = Number.POSITIVE_INFINITY
    looking = look
    return look
  }
  return async () => {
    const { database, schema, queue } = await looked()
    const running = isStopping() ? failed('This process is stopping.') : OK
    const others = Object.fromEntries(Object.entries(more).map(([name, look]) => [name, look()]))
    const needed = { running, database, schema, ...others }
    return { ready: Object.values(needed).every(({ ok }) => ok), checks: { ...needed, queue } }
  }
}

async function lookAt(deps: ReadinessDependencies): Promise<Looked> {
  const { database } = deps
  const [databaseCheck, queue] = await Promise.all([
    check('The database does not answer.', () => pingDatabase(database)),
    check('The queue does not answer; the sweep decides without it.', async () => {
      const transport = deps.queue()
      if (transport === null) throw new Error('there is none yet')
      await transport.queue(0).getJobCountByTypes('waiting')
    }),
  ])
  const schema = databaseCheck.ok
    ? await checkSchema(database)
    : failed('Not known while the database does not answer.')
  return { database: databaseCheck, schema, queue }
}

/** Returns why the process is not ready: the first reason, because the others may follow from it. */
export function whyUnready({ checks }: Readiness): string {
  for (const [name, each] of Object.entries(checks)) if (!each.ok && name !== 'queue') return each.why
  return 'This process is ready.'
}

/** Checks that the schema is current, so that nobody is asked to run migrations at night without need. */
async function checkSchema(database: Database): Promise<Check> {
  try {
    const current = await within(PROBE_TIMEOUT_MS, 'a probe', isSchemaCurrent(database))
    return current ? OK : failed('Migrations are missing; run "npm run migrate".')
  } catch {
    return failed('The database did not say in time whether migrations are missing.')
  }
}

async function check(why: string, ask: () => Promise<unknown>): Promise<Check> {
  try {
    await within(PROBE_TIMEOUT_MS, 'a probe', ask())
    return OK
  } catch {
    return failed(why)
  }
}

function failed(why: string): Check {
  return { ok: false, why }
}
