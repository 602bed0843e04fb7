import { ticketTypes, ticketTypeState } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import type { Minor } from '../domain/money.ts'
import { newId } from '../runtime/new-id.ts'
import type { FieldErrors } from './field-errors.ts'
import type { Creation } from '../records/record-changes.ts'
import { requireInteger, requireName, requirePrice, requireWindow } from './rules.ts'

export interface TicketTypeInput {
  readonly id?: string | undefined
  readonly name: string
  /** Minor units of the event's currency; 0 is free. */
  readonly price: Minor
  readonly capacity: number
  /** `true` unless given. */
  readonly active?: boolean | undefined
  /** The sale window [start, end); an end left out is open. */
  readonly saleStartsAt?: Date | null | undefined
  readonly saleEndsAt?: Date | null | undefined
  /** 1 unless given. */
  readonly minPerBooking?: number | undefined
  /** 10 unless given, and never below the minimum. */
  readonly maxPerBooking?: number | undefined
  /** No limit unless given. */
  readonly maxPerCustomer?: number | null | undefined
}

const MAX_PER_BOOKING = 1_000

/** Every decision about an event reads all of its ticket types. */
export const MAX_TICKET_TYPES = 100

type TicketTypeRow = ReturnType<typeof withDefaults>

/** @param pointer of the ticket type in the input, such as `/ticketTypes/0`. */
export function checkTicketType(problems: FieldErrors, pointer: string, input: TicketTypeInput): void {
  requireName(problems, `${pointer}/name`, input.name)
  requirePrice(problems, `${pointer}/price`, input.price)
  checkTicketTypeTerms(problems, pointer, input)
}

/** All but its name and price. */
export function checkTicketTypeTerms(problems: FieldErrors, pointer: string, input: TicketTypeInput): void {
  const row = withDefaults(input)
  const { minPerBooking } = row
  requireInteger(problems, `${pointer}/capacity`, row.capacity, 0)
  requireInteger(problems, `${pointer}/minPerBooking`, minPerBooking, 1, MAX_PER_BOOKING)
  // A minimum that is none was reported, and is nothing to hold the maximum against.
  const least = minPerBooking >= 1 && minPerBooking <= MAX_PER_BOOKING ? minPerBooking : 1
  if (input.maxPerBooking !== undefined) {
    requireInteger(problems, `${pointer}/maxPerBooking`, input.maxPerBooking, least, MAX_PER_BOOKING)
  }
  if (row.maxPerCustomer !== null) requireInteger(problems, `${pointer}/maxPerCustomer`, row.maxPerCustomer, 1)
  requireWindow(problems, `${pointer}/saleStartsAt`, `${pointer}/saleEndsAt`, row.saleStartsAt, row.saleEndsAt)
}

/**
 * Inserts checked ticket types with their counters, in the order of the input, and returns what the audit says of them.
 *
 * @param firstPosition of the first one among the event's ticket types.
 */
export async function insertTicketTypes(
  tx: Transaction,
  event: { readonly id: string; readonly organizerId: string },
  firstPosition: number,
  inputs: readonly TicketTypeInput[],
): Promise<Creation[]> {
  if (inputs.length === 0) return []
  const rows = inputs.map((input, index) => {
    const row: TicketTypeRow = withDefaults(input)
    return { id: input.id ?? newId(), eventId: event.id, position: firstPosition + index, ...row }
  })
  await tx.orm.insert(ticketTypes).values(rows)
  await tx.orm.insert(ticketTypeState).values(rows.map(({ id, capacity }) => ({ ticketTypeId: id, capacity })))
  return rows.map(({ id, ...after }) => ({
    organizerId: event.organizerId,
    entity: 'ticket_type',
    entityId: id,
    after,
  }))
}

function withDefaults(input: TicketTypeInput) {
  const { name, price, capacity, active = true, minPerBooking = 1 } = input
  return {
    name,
    price,
    capacity,
    active,
    minPerBooking,
    maxPerBooking: input.maxPerBooking ?? Math.max(10, minPerBooking),
    maxPerCustomer: input.maxPerCustomer ?? null,
    saleStartsAt: input.saleStartsAt ?? null,
    saleEndsAt: input.saleEndsAt ?? null,
  }
}
