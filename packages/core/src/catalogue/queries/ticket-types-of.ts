import { PUBLIC_TICKET_TYPE } from '../../fields/event.ts'
import { columnsOf } from '../../use-case/read-things.ts'

/** JSON has no times, so the sale window comes in milliseconds since the epoch. */
interface TicketTypeRow {
  readonly id: string
  readonly saleStartsAt: number | null
  readonly saleEndsAt: number | null
}

export interface WithTicketTypes extends Record<string, unknown> {
  readonly ticketTypes: readonly TicketTypeRow[]
}

const msOf = (column: string) => `floor(extract(epoch from t.${column}) * 1000)::bigint`

const FIELDS = {
  id: 't.id',
  ...columnsOf(PUBLIC_TICKET_TYPE),
  capacity: 'n.capacity',
  saleStartsAt: msOf('sale_starts_at'),
  saleEndsAt: msOf('sale_ends_at'),
}

/** Returns the SQL of an event's ticket types as JSON, as everybody may see them: without the hidden ones. */
export const publicTicketTypesOf = (eventId: string): string =>
  ticketTypes(`t.event_id = ${eventId} and not t.hidden`, FIELDS)

/** Returns the SQL of all ticket types of an event as JSON, as its organizer sees them. */
export const managedTicketTypesOf = (eventId: string): string =>
  ticketTypes(`t.event_id = ${eventId}`, { ...FIELDS, hidden: 't.hidden', sold: 'n.sold' })

function ticketTypes(condition: string, fields: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(fields).map(([name, sql]) => `'${name}', ${sql}`)
  return `(select coalesce(json_agg(json_build_object(${pairs.join()}) order by t.position, t.id), '[]')
    from ticket_types t join ticket_type_state n on n.ticket_type_id = t.id where ${condition})`
}

/** Turns the sale windows of a row's ticket types into times. */
export const withSaleTimes = <Row extends WithTicketTypes>(row: Row) => ({
  ...row,
  ticketTypes: row.ticketTypes.map((type) => ({
    ...type,
    saleStartsAt: toDate(type.saleStartsAt),
    saleEndsAt: toDate(type.saleEndsAt),
  })),
})

const toDate = (ms: number | null) => (ms === null ? null : new Date(ms))
