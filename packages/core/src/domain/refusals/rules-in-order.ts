import { EVENT_RULES, TICKET_RULES } from './event-rules.ts'
import { PRICE_RULES, PROMO_CODE_RULES } from './price-rules.ts'
import { REQUEST_RULES } from './request-rules.ts'
import type { RuleName } from './rule.ts'
import { SEAT_RULES, SHOWTIME_RULES } from './showtime-rules.ts'

/** Every rule in the order in which `decide` asks them: the first one that fails refuses the request. */
export const RULES_IN_ORDER: Readonly<Record<'showtime' | 'event', readonly RuleName[]>> = {
  showtime: [...REQUEST_RULES, ...SHOWTIME_RULES, ...SEAT_RULES, ...PROMO_CODE_RULES, ...PRICE_RULES],
  event: [...REQUEST_RULES, ...EVENT_RULES, ...TICKET_RULES, ...PROMO_CODE_RULES, ...PRICE_RULES],
}
