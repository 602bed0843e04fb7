import { check, index, pgTable, sql, text, unique, uuid } from '../drizzle.ts'
import { organizers } from './catalogue.ts'
import { bytes, createdAt, id, instant } from './columns.ts'

/** Keys of an organizer's machines. The secret part is random, so its SHA-256 is enough; it is shown once. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: id(),
    organizerId: uuid('organizer_id')
      .notNull()
      .references(() => organizers.id),
    name: text('name').notNull(),
    /** The public part, by which the key is found and recognised: `bo_7KQ2XM9PWT`. */
    prefix: text('prefix').notNull(),
    secretHash: bytes('secret_hash').notNull(),
    role: text('role', { enum: ['staff', 'organizer'] }).notNull(),
    /** Scopes of the key, within what its role may do. */
    scopes: text('scopes').array().notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: createdAt(),
    expiresAt: instant('expires_at'),
    /** Last use, to the minute. */
    lastUsedAt: instant('last_used_at'),
    revokedAt: instant('revoked_at'),
  },
  (t) => [
    unique('api_keys_prefix').on(t.prefix),
    index('api_keys_organizer').on(t.organizerId, t.id),
    check('api_keys_role', sql`${t.role} in ('staff', 'organizer')`),
  ],
)
