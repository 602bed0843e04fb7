import { type Refusal, type RefusalCode, REFUSALS, type RefusalTerms } from './refusal.ts'

/**
 * Points of refused booking requests by cause, which decide when a caller has had too many. Each refusal costs a row, a
 * decision and a webhook, and gains nobody a place, so a script that asks for what it cannot get has to be stopped.
 * Honest people are refused too: when a sale is sold out, thousands of them within minutes, and a campus or a mobile
 * carrier sends all of them from one address.
 *
 * So refusals are weighed by their cause in `REFUSALS`. One that only others, the clock or a price caused weighs 1. One
 * that the request itself could have known beforehand, such as a seat that is not in the seat map, weighs 10. Our own
 * faults weigh nothing. The points of a caller and of its networks are added up over ten minutes.
 */
const POINTS = { others: 1, caller: 10, service: 0 } as const satisfies Record<RefusalTerms['cause'], number>

const POINTS_OF: ReadonlyMap<string, number> = new Map(
  Object.entries(REFUSALS).map(([code, { cause }]) => [code, POINTS[cause]]),
)

/** Points are added up for this long, from the first refusal on. */
export const REFUSAL_WINDOW_MS = 600_000

/** Part of its budget that a caller may still use while one of its networks is over its own. */
const SHARE_IN_FULL_NETWORK = 1 / 10

/**
 * Returns the points that a refusal counts; 0 for one that is our fault. A newer worker may send codes not known here. Of several
 * wishes the heaviest counts, or a wish that anybody can be refused would hide the others.
 */
export function refusalWeight({ code, wishes = [] }: Pick<Refusal, 'code' | 'wishes'>): number {
  const codes = [code, ...wishes.map((wish) => wish.code)]
  return Math.max(...codes.map((each) => POINTS_OF.get(each) ?? POINTS.others))
}

/**
 * Returns whether the refusal of a request with a promo code says that the code is wrong, which a guesser learns from: also
 * that it does not open a hidden ticket type.
 */
export function isWrongCode({ code, wishes = [] }: Pick<Refusal, 'code' | 'wishes'>): boolean {
  return WRONG_CODES.has(code) || wishes.some((wish) => WRONG_CODES.has(wish.code))
}

const WRONG_CODES: ReadonlySet<RefusalCode> = new Set(['promo_invalid', 'promo_not_active', 'code_required'])

export interface RefusalPoints {
  readonly points: number
  readonly budget: number
}

/**
 * Returns which budget stops the next booking request of a caller, or `null`. A caller over its own is stopped. Where one of its
 * networks is over its budget, callers are stopped that have used more than a tenth of theirs: a flood from one address
 * ends, while people who share the address, and were refused a few times at most, are still let in.
 *
 * A new API key has used nothing, and an organizer makes as many as it likes: over the organizer's budget none is let in.
 *
 * @param shared what the caller's networks have, or the organizer of a caller that sells.
 */
export function overRefusals(
  caller: RefusalPoints,
  shared: readonly RefusalPoints[],
  sells: boolean,
): 'caller' | 'shared' | null {
  if (caller.points >= caller.budget) return 'caller'
  const isFull = shared.some(({ points, budget }) => points >= budget)
  return isFull && (sells || caller.points >= caller.budget * SHARE_IN_FULL_NETWORK) ? 'shared' : null
}
