import { run, type Transaction } from '../../db/transaction.ts'

const ADVANCE = {
  name: 'advance-resource-cancellation',
  text: 'update resource_cancellations set cancelled = cancelled + $2 where resource_id = $1',
}

const FINISH = {
  name: 'finish-resource-cancellation',
  text: `
    update resource_cancellations c
    set failed = $2 + (select count(*)::int from setbacks where kind = 'cancellation' and entity_id = $1),
      finished_at = case when live.there then null else clock_timestamp() end
    from (select exists (select from bookings
      where resource_id = $1 and status in ('pending', 'confirmed')) as there) live
    where c.resource_id = $1 and c.finished_at is null
    returning c.finished_at is not null as "isFinished", c.total, c.cancelled,
      (select r.kind from resources r where r.id = $1) as kind,
      (select r.organizer_id from resources r where r.id = $1) as "organizerId"`,
}

export interface FinishedProgress {
  readonly kind: 'showtime' | 'event'
  readonly organizerId: string
  readonly total: number
  readonly cancelled: number
}

interface Row extends FinishedProgress, Record<string, unknown> {
  readonly isFinished: boolean
}

/** Counts bookings as cancelled, in the transaction that cancels them. Needs the lock of the resource. */
export async function advanceCancellation(tx: Transaction, resourceId: string, cancelled: number): Promise<void> {
  await run(tx.client, ADVANCE, [resourceId, cancelled])
}

/**
 * Tells how many bookings are set aside or failed otherwise this time, and that it is finished where none is left. Needs the lock of the resource.
 * Returns how it ended to the one who finished it, `null` where some are left or somebody else has finished it.
 */
export async function finishCancellation(
  tx: Transaction,
  resourceId: string,
  failed: number,
): Promise<FinishedProgress | null> {
  const [row] = await run<Row>(tx.client, FINISH, [resourceId, failed])
  if (row?.isFinished !== true) return null
  const { kind, organizerId, total, cancelled } = row
  return { kind, organizerId, total, cancelled }
}
