import { PLACE_RULES } from './place-rules.ts'
import { PRICE_RULES, PROMO_CODE_RULES } from './price-rules.ts'
import { REQUEST_RULES } from './request-rules.ts'
import { RESOURCE_RULES } from './resource-rules.ts'
import type { RuleName } from './rule.ts'
import { TICKET_RULES } from './ticket-rules.ts'

/** Every rule in the order in which `decide` asks them: the first one that fails refuses the request, or this wish of it. */
export const RULES_IN_ORDER: readonly RuleName[] = [
  ...REQUEST_RULES,
  ...RESOURCE_RULES,
  ...PLACE_RULES,
  ...TICKET_RULES,
  ...PROMO_CODE_RULES,
  ...PRICE_RULES,
]
