import { parseObject, textIn } from '../answers.ts'
import type { Errand, World } from '../world.ts'
import type { HostileAct } from './act.ts'
import type { GuestSessions } from './guest-sessions.ts'
import { bearer, provoke } from './provoke.ts'

/** Asks for quotes with one promo code after the other. Counts what the quotes say of them. */
export function guessCodes(
  { sale }: Extract<HostileAct, { name: 'guess-codes' }>,
  world: World,
  sessions: GuestSessions,
): Errand {
  const wanted = {
    resource: { type: 'event', id: sale.eventId },
    tickets: [{ ticketTypeId: sale.ticketTypeId, quantity: 1 }],
  }
  return async (visit) => {
    const token = await sessions.tokenOf(visit)
    if (token === null) return
    const answer = await provoke(world, visit, {
      method: 'POST',
      path: '/v1/quotes',
      headers: bearer(token),
      body: JSON.stringify({ ...wanted, promoCode: `FRIENDS${visit.number}` }),
    })
    if (answer?.status !== 200) return
    visit.tally.read(world.now() - visit.intendedMs)
    const code = textIn(parseObject(answer.body)?.['refusal'], 'code')
    visit.tally.step(`quoted: ${code ?? 'a price'}`)
  }
}
