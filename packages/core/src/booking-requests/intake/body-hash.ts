import { hash } from 'node:crypto'
import type { Submission } from '../../domain/booking-request.ts'

type Payload = Submission['payload']
type TicketsOfType = NonNullable<Payload['tickets']>[number]

/** All that a client can ask for. A field that is added to the payload has to be added here, or this does not compile. */
type Asked = Readonly<
  Record<
    'kind' | 'resourceId' | Exclude<keyof Payload, 'customer' | 'metadata'> | `customer.${keyof Payload['customer']}`,
    unknown
  >
>

/**
 * Returns the SHA-256, in hex, of what the client asked for. Two requests under one idempotency key are the same if their
 * hashes are.
 *
 * Hashes the values in a fixed order, so that the order of keys in the JSON does not count. Running systems have stored
 * these hashes: a field that is added stands last, and is left out of the list if the request does not have it.
 */
export function bodyHashOf({ resourceId, kind, payload }: Pick<Submission, 'resourceId' | 'kind' | 'payload'>): string {
  const { seats, tickets, promoCode, expectedTotal, customer, metadata, ...forgotten } = payload
  const asked: Asked = {
    kind,
    resourceId,
    seats,
    tickets: tickets?.map(quantityOf),
    promoCode,
    expectedTotal,
    'customer.name': customer.name,
    'customer.email': customer.email,
    'customer.phone': customer.phone,
    ...(forgotten satisfies Record<string, never>),
  }
  const added = metadata === undefined ? [] : [Object.entries(metadata).toSorted(byName)]
  return hash('sha256', JSON.stringify([...Object.values(asked), ...added]), 'hex')
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

function quantityOf({ ticketTypeId, quantity }: TicketsOfType): readonly unknown[] {
  const asked: Record<keyof TicketsOfType, unknown> = { ticketTypeId, quantity }
  return Object.values(asked)
}
