import type pg from 'pg'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import { AvailabilityHub } from '@boxoffice/core/availability/availability-hub.ts'
import { AvailabilityService } from '@boxoffice/core/availability/availability.ts'
import { SeatMaps } from '@boxoffice/core/availability/seat-maps.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import { type ClientShares, clientShares } from '../connections/client-shares.ts'
import { OpenWaits } from '../streams/open-waits.ts'
import { EventStreams } from '../streams/sse.ts'

/** The answers that last, what they show, and how the process is shared out among those who watch. */
export interface Live {
  readonly streams: EventStreams
  readonly waits: OpenWaits
  readonly shares: ClientShares
  readonly availability: AvailabilityService
  readonly hub: AvailabilityHub
  readonly seatMaps: SeatMaps
}

/** Creates them; `serve` ends them. `stalledMs` as for `clientShares`. */
export function createLive(
  settings: Settings,
  pool: pg.Pool,
  transport: Pick<Transport, 'availability'>,
  logger: Logger,
  stalledMs?: number,
): Live {
  const availability = new AvailabilityService({
    pool,
    shared: transport.availability,
    logger,
    now: Date.now,
    showtimeSellsForMs: settings.SHOWTIME_SALES_END_MS,
  })
  return {
    streams: new EventStreams(),
    waits: new OpenWaits(),
    shares: clientShares(settings, stalledMs),
    availability,
    hub: new AvailabilityHub(availability, logger),
    seatMaps: new SeatMaps(pool),
  }
}
