import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Database } from '../../db/connect.ts'
import type { Logger } from '../../runtime/logger.ts'
import type { Signal } from '../../queue/payloads.ts'
import { countOutcomes } from '../../booking-requests/deciding/deciding-observer.ts'
import { addBacklogMetrics } from './backlog-metrics.ts'
import { addPoolMetrics } from './pool-metrics.ts'
import { type Scrape, scraper } from './scrape.ts'

/** Metrics of an API process. */
export interface ApiMetrics {
  /** A request has come. Call what this returns once it is over, with its route's pattern, never its path. */
  onRequest(): (method: string, route: string, status: number) => void
  /** One intake write was committed. */
  onAccepted(requests: number): void
  onSignal(signal: Signal): void
  scrape(): Promise<Scrape>
}

export interface ApiMetricsDependencies {
  readonly pools: Readonly<Record<string, Database>>
  /** For what is read when somebody asks. */
  readonly reads: Database
  readonly streams: { readonly size: number }
  readonly waits: { readonly size: number }
  /** The API's `ClientShares`. */
  readonly shares: {
    readonly connections: { readonly size: number; readonly refused: number }
    readonly unread: { readonly size: number; readonly cut: number }
  }
  /** The API's `IntakeGate`. */
  readonly gate: { readonly inside: number; readonly turnedAway: number }
  readonly logger: Logger
}

const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256]

export function createApiMetrics(dependencies: ApiMetricsDependencies): ApiMetrics {
  const { pools, reads, streams, waits, shares, gate, logger } = dependencies
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  addBacklogMetrics(registry, reads.pool, logger)
  addPoolMetrics(registry, pools)

  const durations = new Histogram({
    name: 'boxoffice_http_request_duration_seconds',
    help: 'Time until the answer was sent; of streams, until they were closed',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BUCKETS,
    registers,
  })
  const inFlight = new Gauge({ name: 'boxoffice_http_requests_in_flight', help: 'Requests being answered', registers })
  const accepted = new Counter({ name: 'boxoffice_accepted_total', help: 'Booking requests put in line', registers })
  const batches = new Histogram({
    name: 'boxoffice_intake_batch_size',
    help: 'Booking requests of one intake write',
    buckets: BATCH_BUCKETS,
    registers,
  })
  const heard = new Counter({
    name: 'boxoffice_outcomes_heard_total',
    help: 'Outcomes that signals have told of, in every API process alike: not to be summed; none on PostgreSQL signals',
    labelNames: ['outcome'],
    registers,
  })
  sizeOf('boxoffice_sse_clients', 'Open streams of server-sent events', streams)
  sizeOf('boxoffice_waiting_clients', 'Requests that wait for an outcome (Prefer: wait)', waits)
  sizeOf('boxoffice_client_connections', 'Open connections, without those of trusted proxies', shares.connections)
  sizeOf('boxoffice_unread_bytes', 'Bytes of answers that their clients have not read', shares.unread)
  new Gauge({
    name: 'boxoffice_intake_inside',
    help: 'Booking requests on their way into the line',
    registers,
    collect: function () {
      this.set(gate.inside)
    },
  })
  new Counter({
    name: 'boxoffice_turned_away_total',
    help: 'Booking requests that came beyond what the process can put in line, and were told to come back',
    registers,
    collect: function () {
      this.reset()
      this.inc(gate.turnedAway)
    },
  })
  new Counter({
    name: 'boxoffice_clients_cut_off_total',
    help: 'Connections closed because their address had too many, and answers cut off because too much was unread',
    labelNames: ['reason'],
    registers,
    collect: function () {
      this.reset()
      this.inc({ reason: 'connections' }, shares.connections.refused)
      this.inc({ reason: 'unread' }, shares.unread.cut)
    },
  })

  return {
    onRequest: () => {
      const startedAt = performance.now()
      inFlight.inc()
      return (method, route, status) => {
        inFlight.dec()
        durations.observe({ method, route, status: String(status) }, (performance.now() - startedAt) / 1_000)
      }
    },
    onAccepted: (requests) => {
      accepted.inc(requests)
      batches.observe(requests)
    },
    onSignal: ({ outcomes = [] }) => {
      for (const [outcome, count] of countOutcomes(outcomes)) heard.inc({ outcome }, count)
    },
    scrape: scraper(registry),
  }

  function sizeOf(name: string, help: string, counted: { readonly size: number }): void {
    new Gauge({
      name,
      help,
      registers,
      collect: function () {
        this.set(counted.size)
      },
    })
  }
}
