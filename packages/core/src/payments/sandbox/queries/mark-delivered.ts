import type pg from 'pg'
import { run } from '../../../db/transaction.ts'

const MARK = {
  name: 'sandbox-mark-delivered',
  text: 'update sandbox_deliveries set delivered_at = clock_timestamp() where id = $1 and delivered_at is null',
}

export async function markDelivered(pool: pg.Pool, id: string): Promise<void> {
  await run(pool, MARK, [id])
}
