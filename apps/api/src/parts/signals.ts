import type { ApiMetrics } from '@boxoffice/core/operations/metrics/api-metrics.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import type { AvailabilityService } from '@boxoffice/core/availability/availability.ts'
import type { openBookingLine } from '@boxoffice/core/booking-requests/open-booking-line.ts'
import type { ApiLimits } from './limits.ts'

interface Listeners {
  readonly limits: Pick<ApiLimits, 'onSignal'>
  readonly line: Pick<ReturnType<typeof openBookingLine>, 'onSignal' | 'onGap'>
  readonly availability: Pick<AvailabilityService, 'onSignal' | 'onGap'>
  readonly metrics: Pick<ApiMetrics, 'onSignal'>
}

/** Passes on the signals of workers and of other API processes. */
export async function listenToSignals(
  transport: Pick<Transport, 'subscribe'>,
  { limits, line, availability, metrics }: Listeners,
): Promise<void> {
  await transport.subscribe({
    onSignal: (signal) => {
      // First, so that who is told of an outcome finds the places free that were reserved for it.
      limits.onSignal(signal)
      line.onSignal(signal)
      availability.onSignal(signal)
      metrics.onSignal(signal)
    },
    onGap: () => {
      line.onGap()
      availability.onGap()
    },
  })
}
