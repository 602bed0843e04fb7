import { NO_OUTCOMES, type OutcomesToCome } from '@boxoffice/core/limits/awaited-outcomes.ts'
import { type HoldLimits, NO_HOLD_LIMITS } from '@boxoffice/core/limits/hold-limits.ts'
import { type LimitsOptions, openLimits } from '@boxoffice/core/limits/open-limits.ts'
import { UndecidedPlaces } from '@boxoffice/core/limits/undecided-places.ts'
import type { Signal } from '@boxoffice/core/queue/payloads.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import { type Admission, NO_LIMITS } from '../admission/admission.ts'
import { RateLimits } from '../admission/rates/rate-limits.ts'

/** The limits of what one client may do and hold. */
export interface ApiLimits {
  /** Limits on calls. */
  readonly admission: Admission
  /** Limits on unpaid places. */
  readonly holds: HoldLimits
  /** Reports to the limits how booking requests end. */
  readonly outcomes: OutcomesToCome
  /** Limit on the waiting places of one seller; `null` if nothing is limited. */
  readonly undecidedPlaces: UndecidedPlaces | null
  onSignal(signal: Signal): void
}

interface ApiLimitsOptions extends LimitsOptions {
  readonly settings: Settings
}

const UNLIMITED: ApiLimits = {
  admission: NO_LIMITS,
  holds: NO_HOLD_LIMITS,
  outcomes: NO_OUTCOMES,
  undecidedPlaces: null,
  onSignal: () => undefined,
}

/** Opens the limits. With `LIMITS=off` nothing is counted. */
export async function openApiLimits(parts: AsyncDisposableStack, options: ApiLimitsOptions): Promise<ApiLimits> {
  const { settings } = options
  if (!settings.LIMITS) return UNLIMITED
  const { counter, holds, outcomes, trust, close } = await openLimits(options)
  parts.defer(close)
  return {
    admission: new RateLimits(settings, counter, trust),
    holds,
    outcomes,
    undecidedPlaces: new UndecidedPlaces(),
    onSignal: (signal) => outcomes.onSignal(signal),
  }
}
