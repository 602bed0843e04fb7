import { randomUUID } from 'node:crypto'
import { makeTicketKey, parseTicketKeys, type TicketKeys } from '@boxoffice/core/settings/ticket-keys.ts'
import { signTicketToken } from '@boxoffice/core/tickets/ticket-token.ts'

/** Returns keys of these seeds; by default of one new seed. */
export function ticketKeys(...seeds: readonly string[]): TicketKeys {
  const keys = parseTicketKeys(seeds.length === 0 ? makeTicketKey() : seeds.join(','))
  if (keys === null) throw new Error(`no ticket keys: ${seeds.join(',')}`)
  return keys
}

/** Returns the token of some ticket for a seat. */
export function seatToken(keys: TicketKeys, seat: string): string {
  return signTicketToken(keys, { ticketId: randomUUID(), resourceId: randomUUID(), seat, ticketTypeId: null })
}

/** Returns the token of some ticket of some type. */
export function typeToken(keys: TicketKeys): string {
  const [ticketId, resourceId, ticketTypeId] = [randomUUID(), randomUUID(), randomUUID()]
  return signTicketToken(keys, { ticketId, resourceId, seat: null, ticketTypeId })
}
