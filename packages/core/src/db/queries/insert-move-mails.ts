import { run, type Transaction } from '../transaction.ts'
import { MAIL_RECIPIENT } from './mail-recipient.ts'

/*
 * The event is the resource's and told to many, so it is not what makes these mails unique: publishing hands it over
 * once. A mail that nobody has begun to make yet tells of this change too.
 */
const INSERT = {
  name: 'insert-move-mails',
  text: `
    insert into mails (id, booking_id, kind, line_id, recipient, next_attempt_at, created_at)
    select gen_random_uuid(), b.id, 'move', b.resource_id, ${MAIL_RECIPIENT}, clock_timestamp(), clock_timestamp()
    from bookings b
    where b.resource_id = $1 and b.status = 'confirmed'
      and not exists (select from mails m
        where m.booking_id = b.id and m.kind = 'move' and m.status = 'pending' and m.attempts = 0)`,
}

/**
 * Adds a mail for every confirmed booking of these showtimes and events, whose time or place has changed. One statement
 * each: a season that is moved at once would be too much for one.
 */
export async function insertMoveMails(tx: Transaction, resourceIds: readonly string[]): Promise<void> {
  for (const resourceId of new Set(resourceIds)) await run(tx.client, INSERT, [resourceId])
}
