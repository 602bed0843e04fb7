import { PAID_BUDGET_FACTOR, type RecipientLoad } from '../../domain/mail-budget.ts'
import { run, type Transaction } from '../../db/transaction.ts'

const READ = {
  name: 'read-recipient-load',
  text: `
    with booking as (select coalesce((select total = 0 from bookings where id = $4), true) as free)
    select
      (select (extract(epoch from begun_at + interval '1 hour' - now()) * 1000)::float8 from mails
        where recipient = $1 and begun_at > now() - interval '1 hour' and kind <> 'recovery' and id <> $2
        order by begun_at desc limit 1
        offset (select case when free then $3::int else $3::int * $5::int end - 1 from booking)) as "fullForMs",
      (select count(*)::int from (select from mails
        where recipient = $1 and next_attempt_at > now() and begun_at is null limit 1000) w) as postponed,
      (select free from booking) as free`,
}

/**
 * Reads how much else has gone, and waits, to the address of a mail, and whether its booking costs nothing. Needs
 * `lockMailTurns`. `perHour` is how many mails about bookings that cost nothing an hour has room for.
 */
export async function readRecipientLoad(
  tx: Transaction,
  mail: { readonly id: string; readonly bookingId: string; readonly recipient: Buffer },
  perHour: number,
): Promise<RecipientLoad> {
  const [row] = await run<RecipientLoad & Record<string, unknown>>(tx.client, READ, [
    mail.recipient,
    mail.id,
    perHour,
    mail.bookingId,
    PAID_BUDGET_FACTOR,
  ])
  if (row === undefined) throw new Error('the load of a recipient returned no row')
  return row
}
