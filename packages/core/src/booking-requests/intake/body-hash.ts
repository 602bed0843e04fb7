import { hash } from 'node:crypto'
import type { Submission } from '../../domain/booking-request.ts'

type Payload = Submission['payload']
type TicketsOfType = NonNullable<Payload['tickets']>[number]

/** Fields that were added since: hashed by their names, and only where the request has them. */
type Added = 'metadata' | 'areas' | 'best' | 'wishes' | 'blockId' | 'holdUntil' | 'seller'

/** All that a client can ask for. A field that is added to the payload has to be added here, or this does not compile. */
type Asked = Readonly<
  Record<
    'kind' | 'resourceId' | Exclude<keyof Payload, 'customer' | Added> | `customer.${keyof Payload['customer']}`,
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
  const { seats, tickets, promoCode, expectedTotal, customer, metadata, ...rest } = payload
  const { areas, best, wishes, blockId, holdUntil, seller: _, ...forgotten } = rest
  const asked: Asked = {
    kind,
    resourceId,
    // Objects in it have been added since; labels alone are hashed as ever.
    seats: seats?.map(sorted),
    tickets: tickets?.map(quantityOf),
    promoCode,
    expectedTotal,
    'customer.name': customer.name,
    'customer.email': customer.email,
    'customer.phone': customer.phone,
    ...(forgotten satisfies Record<string, never>),
  }
  const added = metadata === undefined ? [] : [Object.entries(metadata).toSorted(byName)]
  const named = Object.entries({ areas, best, wishes, blockId, holdUntil }).filter(([, value]) => value !== undefined)
  const values = [...Object.values(asked), ...added, ...(named.length > 0 ? [sorted(Object.fromEntries(named))] : [])]
  return hash('sha256', JSON.stringify(values), 'hex')
}

/** Returns the value with the keys of its objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .filter(([, own]) => own !== undefined)
    .toSorted(byName)
    .map(([name, own]) => [name, sorted(own)])
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

function quantityOf({ ticketTypeId, quantity }: TicketsOfType): readonly unknown[] {
  const asked: Record<keyof TicketsOfType, unknown> = { ticketTypeId, quantity }
  return Object.values(asked)
}
