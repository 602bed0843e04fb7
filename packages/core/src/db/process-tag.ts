import { randomBytes } from 'node:crypto'

/** Stands in the names of all connections of this process, so that PostgreSQL can be asked how many processes there are. */
const TAG = randomBytes(4).toString('hex')

/** Returns the name of a connection as `pg_stat_activity` shows it: `boxoffice-intake/1f00ba12`. */
export const connectionName = (pool: string) => `${pool}/${TAG}`
