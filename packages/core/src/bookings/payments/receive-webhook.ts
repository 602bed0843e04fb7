/**
 * Payment reports: kept first, then acted on, so that a crash in between loses nothing.
 *
 * Locks: inbox row → as in `settle-payment.ts` and `settle-refund.ts`, in one transaction that also marks it as handled.
 */
import { and, asc, eq, sql } from '../../db/drizzle.ts'
import { providerInbox } from '../../db/schema/index.ts'
import type { Transaction } from '../../db/transaction.ts'
import {
  type PaymentProvider,
  type ProviderEvent,
  type WebhookHeaders,
  WebhookRefusedError,
} from '../../payments/provider.ts'
import type { LifecycleDependencies } from '../lifecycle.ts'
import { fewAtOnce } from '../../runtime/few-at-once.ts'
import { Problem } from '../../use-case/problem.ts'
import { settleReport } from './settle-payment.ts'
import { settleRefund } from './settle-refund.ts'

/** `unknown`: what it is about is not known (yet); the provider should send it again. */
export type Received = { readonly outcome: 'handled' | 'unknown'; readonly refundIds: readonly string[] }

/** Receives a webhook. Throws Problem `invalid_webhook` for what the provider did not sign. A report that means nothing here
 * counts as handled. */
export async function receiveWebhook(
  deps: LifecycleDependencies,
  provider: PaymentProvider,
  rawBody: Buffer,
  headers: WebhookHeaders,
): Promise<Received> {
  const event = readWebhook(provider, rawBody, headers)
  if (event === null) return { outcome: 'handled', refundIds: [] }
  if (!isStorable(event)) {
    throw new Problem('invalid_webhook', { detail: 'The webhook contains text that cannot be stored.' })
  }
  await deps.database.orm
    .insert(providerInbox)
    .values({ provider: provider.name, eventId: event.eventId, event, body: rawBody })
    .onConflictDoNothing()
  return handleEvent(deps, provider.name, event)
}

function readWebhook(provider: PaymentProvider, rawBody: Buffer, headers: WebhookHeaders): ProviderEvent | null {
  try {
    return provider.readWebhook(rawBody, headers)
  } catch (error) {
    if (!(error instanceof WebhookRefusedError)) throw error
    throw new Problem('invalid_webhook', { detail: error.message, cause: error })
  }
}

/** Returns whether all its texts can be stored: U+0000 and unpaired surrogates cannot, whoever signed them. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed()
  return typeof value !== 'object' || value === null || Object.values(value).every(isStorable)
}

/** Acts on a report that is in the inbox, once. */
async function handleEvent(deps: LifecycleDependencies, provider: string, event: ProviderEvent): Promise<Received> {
  const where = and(eq(providerInbox.provider, provider), eq(providerInbox.eventId, event.eventId))
  const preamble = async (tx: Transaction) => {
    const [row] = await tx.orm.select().from(providerInbox).where(where).for('no key update')
    if (row === undefined || row.handledAt !== null) return 'done'
    // Undone with everything else should the rest fail.
    await tx.orm
      .update(providerInbox)
      .set({ handledAt: sql`clock_timestamp()` })
      .where(where)
    return 'go_on'
  }
  const cause = { actor: `provider:${provider}`, requestId: event.eventId }
  const settled =
    event.kind === 'payment'
      ? await settleReport(deps, event.paymentId, event.report, cause, {
          preamble,
          providerReference: event.providerReference,
        })
      : await settleRefund(deps, event.refundId, event, cause, preamble)
  return { outcome: settled.outcome === 'unknown' ? 'unknown' : 'handled', refundIds: settled.refundIds }
}

const MAX_LEFT_OVER = 100
/** Number of attempts after which a report that we cannot assign is not for us. */
const MAX_ATTEMPTS = 10

/**
 * Acts on what was kept and not yet acted on, a few at once: a report that waits for a lock keeps no other waiting. Begins no more
 * when asked to stop. Returns promised refunds.
 */
export async function handleLeftOverReports(
  deps: LifecycleDependencies,
  stopping?: AbortSignal,
): Promise<readonly string[]> {
  const rows = await deps.database.orm
    .select()
    .from(providerInbox)
    .where(
      sql`${providerInbox.handledAt} is null and ${providerInbox.attempts} < ${MAX_ATTEMPTS} and ${providerInbox.receivedAt} < now() - make_interval(secs => 5 * 2 ^ ${providerInbox.attempts})`,
    )
    .orderBy(asc(providerInbox.receivedAt))
    .limit(MAX_LEFT_OVER)
  const refundIds: string[] = []
  const handle = async ({ provider, eventId, event, attempts }: typeof providerInbox.$inferSelect) => {
    try {
      await deps.database.orm
        .update(providerInbox)
        .set({ attempts: sql`${providerInbox.attempts} + 1` })
        .where(and(eq(providerInbox.provider, provider), eq(providerInbox.eventId, eventId)))
      refundIds.push(...(await handleEvent(deps, provider, event)).refundIds)
    } catch (error) {
      const isLast = attempts + 1 >= MAX_ATTEMPTS
      const what = isLast ? 'a payment report was given up' : 'a payment report could not be acted on'
      deps.logger.error({ err: error, provider, eventId, attempts: attempts + 1 }, what)
    }
  }
  await fewAtOnce(rows, handle, stopping)
  return refundIds
}
