import type { RecipientLoad } from '../../domain/mail-budget.ts'
import { run, type Transaction } from '../transaction.ts'

const READ = {
  name: 'read-recipient-load',
  text: `
    select
      (select (extract(epoch from begun_at + interval '1 hour' - now()) * 1000)::float8 from mails
        where recipient = $1 and begun_at > now() - interval '1 hour' and kind <> 'recovery' and id <> $2
        order by begun_at desc offset $3::int - 1 limit 1) as "fullForMs",
      (select count(*)::int from (select from mails
        where recipient = $1 and next_attempt_at > now() and begun_at is null limit 1000) w) as postponed,
      coalesce((select total = 0 from bookings where id = $4), true) as free`,
}

/**
 * Reads how much else has gone, and waits, to the address of a mail, and whether its booking costs nothing. Needs
 * `lockMailTurns`. `perHour` is how many mails an hour has room for.
 */
export async function readRecipientLoad(
  tx: Transaction,
  mail: { readonly id: string; readonly bookingId: string; readonly recipient: Buffer },
  perHour: number,
): Promise<RecipientLoad & { readonly free: boolean }> {
  const [row] = await run<RecipientLoad & { free: boolean }>(tx.client, READ, [
    mail.recipient,
    mail.id,
    perHour,
    mail.bookingId,
  ])
  if (row === undefined) throw new Error('the load of a recipient returned no row')
  return row
}
