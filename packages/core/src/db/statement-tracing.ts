import type pg from 'pg'

/** Called before a statement is sent, with its name and never its values; what it returns is called with how it ended. */
export type TraceStatement = (name: string) => (error?: unknown) => void

let traceStatement: TraceStatement | null = null

/** Traces the statements of all pools that are opened from now on. Call it once, before there is any. */
export function traceStatements(trace: TraceStatement): void {
  traceStatement = trace
}

/** Wraps the pool's and its clients' `query`, where statements are traced at all; otherwise they are left as they are. */
export function withTracing(pool: pg.Pool): pg.Pool {
  if (traceStatement === null) return pool
  const trace = traceStatement
  traceQueries(pool, trace)
  pool.on('connect', (client) => traceQueries(client, trace))
  return pool
}

function traceQueries(target: pg.Pool | pg.PoolClient, trace: TraceStatement): void {
  const query: (...parameters: unknown[]) => unknown = target.query.bind(target)
  const traced = (...parameters: unknown[]): unknown => {
    // With callbacks the pool talks to its clients, on behalf of a call that is traced already.
    if (typeof parameters.at(-1) === 'function') return query(...parameters)
    const end = trace(nameOf(parameters[0]))
    const result = query(...parameters)
    if (!(result instanceof Promise)) {
      end()
      return result
    }
    return result.then(
      (value: unknown) => {
        end()
        return value
      },
      (error: unknown) => {
        end(error)
        throw error
      },
    )
  }
  Object.assign(target, { query: traced })
}

/** Returns the name of a prepared statement; for others the verb and the table: `select bookings`. */
function nameOf(statement: unknown): string {
  if (typeof statement === 'string') return summary(statement)
  if (typeof statement !== 'object' || statement === null) return 'statement'
  if ('name' in statement && typeof statement.name === 'string') return statement.name
  return 'text' in statement && typeof statement.text === 'string' ? summary(statement.text) : 'statement'
}

function summary(text: string): string {
  const [, verb = 'statement'] = /^\s*(\w+)/.exec(text) ?? []
  const [, table] = /\b(?:from|into|update)\s+"?(\w+)/i.exec(text) ?? []
  return table === undefined ? verb.toLowerCase() : `${verb.toLowerCase()} ${table}`
}
