import { run, type Transaction } from './transaction.ts'

const READ = { name: 'read-clock', text: 'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now' }

/** Returns the database's clock, ms since the epoch. */
export async function readClock(tx: Transaction): Promise<number> {
  const [row] = await run<{ now: number }>(tx.client, READ, [])
  if (row === undefined) throw new Error('the clock returned no row')
  return row.now
}
