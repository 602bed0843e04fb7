import type { TicketSale } from '../../../catalogue/hall.ts'
import type { Journey, Stream } from '../../../generator/plan.ts'
import { type Phases, secondsOf } from './phases.ts'
import type { HostileCatalogue } from './prepare.ts'

/** Kinds of honest buyers: what they buy is attacked, or has nothing to do with it. */
export const HONEST = ['other events', 'the attacked event', 'the attacked showtime'] as const
type Kind = (typeof HONEST)[number]

/** Shares of the honest buyers; half of them want nothing that is attacked. */
const SHARES: Readonly<Record<Kind, number>> = {
  'other events': 0.5,
  'the attacked event': 0.25,
  'the attacked showtime': 0.25,
}
const LOCAL_NETS: Readonly<Record<Kind, number>> = {
  'other events': 16,
  'the attacked event': 17,
  'the attacked showtime': 18,
}

export const streamAlone = (kind: Kind): string => `${kind}, alone`
export const streamBeside = (kind: Kind): string => `${kind}, beside`

/**
 * Returns the streams of honest buyers of both phases. Each buyer has an address and an account of their own, waits for
 * the outcome and comes back when told to. `rate` is how many arrive a second on average over the whole run.
 */
export function honestOf(
  catalogue: HostileCatalogue,
  phases: Phases,
  { rate, durationMs, customers }: { readonly rate: number; readonly durationMs: number; readonly customers: number },
): Stream[] {
  const { alone, beside } = phases
  // They arrive at the same rate in both phases, and in no other part of the run.
  const perSecond = (rate * durationMs) / 1_000 / (secondsOf(alone) + secondsOf(beside))
  const each = Math.floor(customers / (2 * HONEST.length))
  return HONEST.flatMap((kind, index) =>
    ([true, false] as const).map((isAlone): Stream => ({
      name: isAlone ? streamAlone(kind) : streamBeside(kind),
      headline: true,
      localAddress: `127.${LOCAL_NETS[kind]}.{m}.{n}`,
      customers: { from: (2 * index + (isAlone ? 0 : 1)) * each, count: each },
      arrivals: { shape: 'poisson', perSecond: perSecond * SHARES[kind], ...(isAlone ? alone : beside) },
      journey: journeyOf(kind, catalogue, isAlone),
    })),
  )
}

function journeyOf(kind: Kind, catalogue: HostileCatalogue, isAlone: boolean): Journey {
  switch (kind) {
    case 'other events':
      return tickets(catalogue.others)
    case 'the attacked event':
      return tickets([catalogue.paid])
    case 'the attacked showtime': {
      const sale = isAlone ? catalogue.quietShowtime : catalogue.attackedShowtime
      return { kind: 'book-seats', sales: [sale], seats: 1, choice: 'next', returns: true }
    }
  }
}

const tickets = (sales: readonly TicketSale[]): Journey => ({
  kind: 'book-tickets',
  sales,
  quantity: 2,
  returns: true,
})
