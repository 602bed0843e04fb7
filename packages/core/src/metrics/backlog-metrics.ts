import { Gauge, type Registry } from 'prom-client'
import type pg from 'pg'
import { type Backlog, readBacklog } from '../db/queries/read-backlog.ts'
import type { Logger } from '../logger.ts'

/** Scrapers that come at the same time share one look. */
const FRESH_FOR_MS = 1_000

/**
 * What is still to be done, read from PostgreSQL when somebody asks for metrics. Every process tells the same, so it is to
 * be taken from one of them, or as the maximum. Without the database there is none, and `boxoffice_database_up` is 0.
 */
export function addBacklogMetrics(registry: Registry, pool: pg.Pool, logger: Logger): void {
  const registers = [registry]
  const look = freshly(() => readBacklog(pool))

  const waiting = gauge('lane_waiting', 'Undecided requests of the lane', ['lane'])
  const oldest = gauge('lane_oldest_seconds', 'How long the oldest undecided request of the lane has waited', ['lane'])
  const paused = gauge('lane_paused', '1 while the lane decides nothing', ['lane'])
  const draining = gauge('lane_draining', '1 while the lane takes no requests', ['lane'])
  const unpublished = gauge('events_unpublished', 'Outgoing events without a place in the feed, at most 100000')
  const webhookLag = gauge('webhook_lag_seconds', 'For how long the longest due webhook delivery has been due')
  const deliveries = gauge('webhook_deliveries_pending', 'Webhook deliveries that are neither delivered nor given up')
  const mails = gauge('mails_pending', 'Mails that are neither sent nor given up')
  const all = [waiting, oldest, paused, draining, unpublished, webhookLag, deliveries, mails]

  // Metrics are collected in the order in which they were made, and all at once: this one fills the others.
  new Gauge({
    name: 'boxoffice_database_up',
    help: '1 where the database answered',
    registers,
    collect: async function () {
      for (const each of all) each.reset()
      try {
        const backlog = await look()
        for (const lane of backlog.lanes) {
          const labels = { lane: String(lane.lane) }
          waiting.set(labels, lane.waiting)
          oldest.set(labels, lane.oldestS)
          paused.set(labels, lane.paused ? 1 : 0)
          draining.set(labels, lane.draining ? 1 : 0)
        }
        unpublished.set(backlog.unpublished)
        webhookLag.set(backlog.webhookLagS)
        deliveries.set(backlog.pendingDeliveries)
        mails.set(backlog.pendingMails)
        this.set(1)
      } catch (error) {
        logger.warn({ err: error }, 'metrics without the backlog')
        this.set(0)
      }
    },
  })

  function gauge(name: string, help: string, labelNames: string[] = []) {
    return new Gauge({ name: `boxoffice_${name}`, help, labelNames, registers })
  }
}

function freshly(read: () => Promise<Backlog>): () => Promise<Backlog> {
  let known: { readonly at: number; readonly backlog: Promise<Backlog> } | undefined
  return () => {
    if (known === undefined || performance.now() - known.at > FRESH_FOR_MS) {
      known = { at: performance.now(), backlog: read() }
    }
    return known.backlog
  }
}
