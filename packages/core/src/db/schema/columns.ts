import { bigint, customType, timestamp, uuid } from '../drizzle.ts'

/** Identifiers are UUIDv7, made by the application: `uuidv7()` exists in PostgreSQL 18 only. */
export const id = () => uuid('id').primaryKey()

/** Declares an amount in integer minor units: `bigint` in the database, a safe integer in JavaScript. */
export const money = (name: string) => bigint(name, { mode: 'number' })

export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })

export const createdAt = () => instant('created_at').notNull().defaultNow()

/** SHA-256 digests and other raw bytes. */
export const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
