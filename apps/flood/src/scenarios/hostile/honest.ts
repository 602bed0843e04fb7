import type { Errand, Stream, TicketSale } from '../../generator/plan.ts'
import { type Phases, secondsOf } from './phases.ts'
import type { HostileStage } from './set-stage.ts'

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
  stage: HostileStage,
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
      address: null,
      localAddress: `127.${LOCAL_NETS[kind]}.{m}.{n}`,
      customers: { from: (2 * index + (isAlone ? 0 : 1)) * each, count: each },
      arrivals: { shape: 'poisson', perSecond: perSecond * SHARES[kind], ...(isAlone ? alone : beside) },
      errand: errandOf(kind, stage, isAlone),
    })),
  )
}

function errandOf(kind: Kind, stage: HostileStage, isAlone: boolean): Errand {
  switch (kind) {
    case 'other events':
      return tickets(stage.others)
    case 'the attacked event':
      return tickets([stage.paid])
    case 'the attacked showtime': {
      const sale = isAlone ? stage.quietShowtime : stage.attackedShowtime
      return { kind: 'book-seats', sales: [sale], seats: 1, choice: 'next', follow: 'wait', probes: 0, returns: true }
    }
  }
}

const tickets = (sales: readonly TicketSale[]): Errand => ({
  kind: 'book-tickets',
  sales,
  quantity: 2,
  exact: false,
  follow: 'wait',
  probes: 0,
  returns: true,
})
