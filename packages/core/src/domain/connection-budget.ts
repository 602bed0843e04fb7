export type ProcessKind = 'api' | 'worker'

/** Connections that one process may take, by its kind. */
export type ConnectionsOf = Readonly<Record<ProcessKind, number>>

export interface ConnectionBudget {
  readonly processes: Readonly<Record<ProcessKind, number>>
  /** Connections that all processes may take together, and those that others have open now. */
  readonly needed: number
  readonly available: number
  readonly verdict: 'enough' | 'tight' | 'too few'
}

/** Spare part of the connections. With less, a rolling restart or a person with psql is refused. */
const SPARE = 0.1

/** Deciding is what only workers do, once a second at least: one of these is always open. */
const WORKER_POOL = 'boxoffice-deciding'
/** Connections of a process that its tagged ones count for. */
const UNTAGGED = ['boxoffice-queue', 'boxoffice-signals']

/**
 * Adds up what all processes may take of the server, this one included. Other processes are known by the names of their
 * open connections (`pool/tag`) and are taken to be set as this one is.
 *
 * @param own this process: its kind, and the name of one of its connections
 * @param names names of all open connections of the server
 */
export function connectionBudget(
  own: { readonly kind: ProcessKind; readonly name: string },
  connectionsOf: ConnectionsOf,
  { names, available }: { readonly names: readonly string[]; readonly available: number },
): ConnectionBudget {
  const kinds = new Map<string, ProcessKind>()
  let strangers = 0
  for (const name of names) {
    const [pool = '', tag] = name.split('/')
    if (UNTAGGED.includes(pool)) continue
    if (tag === undefined || !pool.startsWith('boxoffice-')) strangers += 1
    else if (kinds.get(tag) !== 'worker') kinds.set(tag, pool === WORKER_POOL ? 'worker' : 'api')
  }
  const [, ownTag = ''] = own.name.split('/')
  kinds.set(ownTag, own.kind)
  const all = [...kinds.values()]
  const processes = {
    api: all.filter((kind) => kind === 'api').length,
    worker: all.filter((kind) => kind === 'worker').length,
  }
  const needed = processes.api * connectionsOf.api + processes.worker * connectionsOf.worker + strangers
  const verdict = needed > available ? 'too few' : needed > available * (1 - SPARE) ? 'tight' : 'enough'
  return { processes, needed, available, verdict }
}
