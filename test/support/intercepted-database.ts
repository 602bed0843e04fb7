import type pg from 'pg'
import type { Database } from '@boxoffice/core/db/connect.ts'

export interface Intercepted {
  /** Name of a prepared statement; absent for plain text such as `begin` and `commit`. */
  readonly name: string | undefined
  readonly text: string
  readonly values: readonly unknown[]
  /** The connection that the statement is for. */
  readonly client: pg.PoolClient
  /** Runs the statement, or `text` in its place. */
  run(text?: string): Promise<pg.QueryResult>
}

/**
 * Returns the same database, with `intercept` between its transactions and their connections. A test uses it to hold a
 * transaction at one of its steps, to lose its connection there, or to run it without its locks. The value that
 * `intercept` returns is the statement's result.
 */
export function interceptTransactions(
  database: Database,
  intercept: (statement: Intercepted) => Promise<pg.QueryResult>,
): Database {
  const connect = async () => {
    const client = await database.pool.connect()
    const query = (config: string | pg.QueryConfig, values?: unknown[]) => {
      const statement = typeof config === 'string' ? { text: config } : config
      const parameters = values ?? statement.values ?? []
      return intercept({
        name: statement.name,
        text: statement.text,
        values: parameters,
        client,
        run: (text = statement.text) => client.query({ ...statement, text, values: parameters }),
      })
    }
    return redirect(client, { query })
  }
  return { ...database, pool: redirect(database.pool, { connect }) }
}

/** Returns the database as used by a program that takes no row locks, for the control of a race. */
export function withoutRowLocks(database: Database, only: RegExp = /./): Database {
  return interceptTransactions(database, ({ name, text, run }) =>
    run(
      only.test(name ?? '') ? text.replace(/for (?:no key )?(?:update|share)(?: of \w+)?(?: skip locked)?/g, '') : text,
    ),
  )
}

/**
 * Returns the same database, in which the statement of this name has another text if it goes through the pool itself
 * (autocommit), for the control of a race. Needs connections that have not run the statement yet.
 */
export function withStatement(database: Database, name: string, change: (text: string) => string): Database {
  const query = (statement: pg.QueryConfig) =>
    database.pool.query(statement.name === name ? { ...statement, text: change(statement.text) } : statement)
  return { ...database, pool: redirect(database.pool, { query }) }
}

/** A setting for transactions that a test holds open; the server would end them otherwise. */
const HELD_BY_TEST = 'set local idle_in_transaction_session_timeout = 0'

/** Holds every transaction just before it runs the statement of this name, until `release`. */
export function holdBefore(name: string) {
  const reached = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const wrap = (database: Database) =>
    interceptTransactions(database, async (statement) => {
      if (statement.name === name) {
        await statement.client.query(HELD_BY_TEST)
        reached.resolve()
        await released.promise
      }
      return statement.run()
    })
  return { wrap, reached: reached.promise, release: released.resolve }
}

/**
 * Holds the COMMIT of the first statement of this name that goes through the pool itself (autocommit). `end` ends it
 * with its commit, or rolls it back as if the process had died.
 */
export function holdCommit(name: string) {
  const reached = Promise.withResolvers<{ readonly pid: number }>()
  const ended = Promise.withResolvers<'commit' | 'rollback'>()
  let isFirst = true
  const wrap = (database: Database): Database => {
    const inTransaction = async (statement: pg.QueryConfig) => {
      const client = await database.pool.connect()
      try {
        const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
        await client.query('begin')
        await client.query(HELD_BY_TEST)
        const result = await client.query(statement)
        reached.resolve({ pid: rows[0]?.pid ?? 0 })
        const how = await ended.promise
        await client.query(how)
        if (how === 'rollback') throw new Error('the process has died')
        return result
      } finally {
        client.release()
      }
    }
    const query = (statement: pg.QueryConfig) => {
      if (statement.name !== name || !isFirst) return database.pool.query(statement)
      isFirst = false
      return inTransaction(statement)
    }
    return { ...database, pool: redirect(database.pool, { query }) }
  }
  return { wrap, reached: reached.promise, end: ended.resolve }
}

function redirect<T extends object>(target: T, methods: Readonly<Record<string, unknown>>): T {
  return new Proxy(target, {
    get: (_target, key) => {
      // Own ones only: every object has a `constructor`, and Drizzle tells a client from its settings by that.
      if (typeof key === 'string' && Object.hasOwn(methods, key)) return methods[key]
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
