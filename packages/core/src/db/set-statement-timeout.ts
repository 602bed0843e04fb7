import type { Transaction } from './transaction.ts'

/** Sets the time that each further statement of this transaction may take. */
export async function setStatementTimeout(tx: Transaction, timeoutMs: number): Promise<void> {
  await tx.client.query("select set_config('statement_timeout', $1, true)", [`${timeoutMs}ms`])
}
