import { Gauge, type Registry } from 'prom-client'
import type pg from 'pg'
import { MAX_COUNTED, readBacklog } from '../queries/read-backlog.ts'
import { SETBACK_KINDS } from '../../domain/setback.ts'
import type { Logger } from '../../runtime/logger.ts'

/** Scrapers that come within so long after a look has ended share it, and so do the gauges of one scrape. */
const FRESH_FOR_MS = 1_000

const MOST = `${MAX_COUNTED} means so many or more`

/**
 * Adds metrics of the backlog, read from PostgreSQL at each scrape. Every process reports the same, so take them from
 * one of them, or the maximum. Without the database they are missing, and `boxoffice_database_up` is 0.
 */
export function addBacklogMetrics(registry: Registry, pool: pg.Pool, logger: Logger): void {
  const requests = gauge('requests_waiting', 'Undecided requests of all lines')
  const oldest = gauge(
    'requests_oldest_seconds',
    'How long the oldest undecided request has waited, without paused lines',
  )
  const waiting = gauge('lines_waiting', 'Showtimes and events in whose line something waits')
  const longest = gauge('line_waiting', 'Undecided requests of the line, for the longest ten', ['resource'])
  const paused = gauge('lines_paused', 'Lines that decide nothing')
  const draining = gauge('lines_draining', 'Lines that take no requests')
  const unpublished = gauge('events_unpublished', `Outgoing events without a place in the feed; ${MOST}`)
  const webhookLag = gauge('webhook_lag_seconds', 'For how long the longest due webhook delivery has been due')
  const deliveries = gauge(
    'webhook_deliveries_pending',
    `Webhook deliveries that are neither delivered nor given up; ${MOST}`,
  )
  const mails = gauge('mails_pending', `Mails that are neither sent nor given up; ${MOST}`)
  const parked = gauge('parked', 'Work that failed each time and waits for an operator to retry it', ['kind'])
  const up = gauge('database_up', '1 where the database answered')
  const all = [requests, oldest, waiting, longest, paused, draining, unpublished, webhookLag, deliveries, mails, parked]

  const look = freshly(async () => {
    try {
      const backlog = await readBacklog(pool)
      for (const each of all) each.reset()
      const { lines } = backlog
      requests.set(lines.requests)
      oldest.set(lines.oldestS)
      waiting.set(lines.waiting)
      for (const line of lines.longest) longest.set({ resource: line.id }, line.requests)
      paused.set(lines.paused)
      draining.set(lines.draining)
      unpublished.set(backlog.unpublished)
      webhookLag.set(backlog.webhookLagS)
      deliveries.set(backlog.pendingDeliveries)
      mails.set(backlog.pendingMails)
      for (const kind of SETBACK_KINDS) parked.set({ kind }, 0)
      for (const { kind, count } of backlog.parked) parked.set({ kind }, count)
      up.set(1)
    } catch (error) {
      logger.warn({ err: error }, 'metrics without the backlog')
      for (const each of all) {
        each.reset()
        // One without labels is 0 then, which would say that nothing waits.
        each.remove({})
      }
      up.set(0)
    }
  })

  /** Creates a gauge that waits for the reading by itself: a scrape collects all metrics at once. */
  function gauge(name: string, help: string, labelNames: string[] = []) {
    return new Gauge({ name: `boxoffice_${name}`, help, labelNames, registers: [registry], collect: () => look() })
  }
}

/** Returns a function that runs `work` once at a time, however long it takes. */
function freshly(work: () => Promise<void>): () => Promise<void> {
  let latest: Promise<void> | null = null
  let endedMs = Number.NEGATIVE_INFINITY
  return () => {
    if (latest !== null && performance.now() - endedMs <= FRESH_FOR_MS) return latest
    endedMs = Number.POSITIVE_INFINITY
    latest = work().finally(() => {
      endedMs = performance.now()
    })
    return latest
  }
}
