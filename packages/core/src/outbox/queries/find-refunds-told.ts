import { run, type Transaction } from '../../db/transaction.ts'

/*
 * A refund and the cancellation that it belongs to are written by one transaction, with one time. Where the refund failed
 * in between, the cancellation's mail may have said so. That mail leaves out payments of the wrong amount or currency.
 */
const FIND = {
  name: 'find-refunds-told-by-cancellation',
  text: `
    select f.id
    from refunds f join bookings b on b.id = f.booking_id join payments p on p.id = f.payment_id
    where f.id = any($1::uuid[]) and b.status = 'cancelled' and b.cancelled_at = f.created_at and p.status <> 'failed'
      and exists (select from mails m where m.booking_id = b.id and m.kind = 'cancellation' and m.status <> 'failed')
      and not exists (select from outbox o
        where o.entity_id = b.id and o.type = 'refund.failed' and o.payload ->> 'refundId' = f.id::text)`,
}

/** Returns those of these refunds that the mail about their booking's cancellation reports. */
export async function findRefundsToldByCancellation(
  tx: Transaction,
  refundIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (refundIds.length === 0) return new Set()
  const rows = await run<{ id: string }>(tx.client, FIND, [refundIds])
  return new Set(rows.map(({ id }) => id))
}
