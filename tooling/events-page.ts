import {
  familyOf,
  OUTGOING_EVENT_FAMILIES,
  OUTGOING_EVENT_TYPES,
  OUTGOING_EVENTS,
  type OutgoingEventFamily,
  type OutgoingEventType,
  SUBJECTS,
} from '@boxoffice/core/domain/outgoing-events/outgoing-events.ts'
import type { Field, Fields } from '@boxoffice/core/domain/outgoing-events/payload.ts'
import { eventExample } from '@boxoffice/contract/outgoing-events/event-schema.ts'
import { notesOn } from '@boxoffice/contract/outgoing-events/webhooks.ts'
import { markdownTable } from './markdown-table.ts'

/** Returns the source of `docs/events.md`. */
export function eventsPage(): string {
  return `# Outgoing events

Every change of a booking or of the catalogue causes an outgoing event. Boxoffice posts it to
[webhook endpoints](http.md#webhook-endpoints) and lists it in the [feed](http.md#the-feed), in the same form. In the feed each
event also has its \`id\`; webhooks carry it in the header \`webhook-id\`.

\`\`\`json
${JSON.stringify(eventExample('booking.cancelled'), null, 2)}
\`\`\`

\`seq\` counts the events of one \`entityId\` 1, 2, 3, … without gaps. New types and fields may be added: ignore those that you
do not know. Amounts are integers in minor units of the \`currency\` beside them. Times are RFC 3339 in UTC. A field with \`?\`
may be missing. No event contains a name, an address or a number of a customer.

${OUTGOING_EVENT_FAMILIES.map(sectionOf).join('\n\n')}
`
}

function sectionOf(family: OutgoingEventFamily): string {
  const types = OUTGOING_EVENT_TYPES.filter((type) => familyOf(type) === family)
  const subjects = Map.groupBy(types, (type) => OUTGOING_EVENTS[type].subject)
  const parts = [...subjects].map(([subject, those]) => [introductionOf(subject), ...those.map(entryOf)])
  return [`## \`${family}.*\``, ...parts.flat()].join('\n\n')
}

function introductionOf(subject: keyof typeof SUBJECTS): string {
  const { about, fields } = SUBJECTS[subject]
  const names = Object.keys(fields).map((name) => `\`${name}\``)
  const shared =
    names.length === 0 ? '' : ` \`data\` has ${names.join(' and ')}, and the fields in the table of each type.`
  return `\`entityId\` is ${about}.${shared}`
}

function entryOf(type: OutgoingEventType): string {
  const row = OUTGOING_EVENTS[type]
  const rows = fieldRows(row.fields)
  return [
    `### \`${type}\``,
    [row.summary, ...notesOn(row)].join(' '),
    ...(rows.length === 0 ? [] : [markdownTable(['`data`', 'value'], rows)]),
  ].join('\n\n')
}

function fieldRows(fields: Fields): string[][] {
  return Object.entries(fields).map(([name, field]) => {
    const about = field.about === undefined ? '' : `. ${field.about}`
    return [`\`${nameOf(name, field)}\``, `${valueOf(field)}${about}`]
  })
}

const nameOf = (name: string, { kind }: Field) => (kind === 'optional' ? `${name}?` : name)

const SIMPLE = {
  id: 'id',
  reference: 'booking reference',
  currency: 'ISO 4217 code',
  instant: 'time',
  text: 'text',
  integer: 'integer',
  amount: 'amount',
} as const

/** Returns the value of a field, in words. */
function valueOf(field: Field): string {
  switch (field.kind) {
    case 'one_of':
      return field.values.map((value) => `\`${value}\``).join(', ')
    case 'list':
      return `list of ${valueOf(field.of)}`
    case 'map':
      return `object of ${valueOf(field.of)}`
    case 'nullable':
      return `${valueOf(field.of)}, or \`null\``
    case 'optional':
      return `${valueOf(field.of)}${field.of.about === undefined ? '' : `. ${field.of.about}`}`
    case 'object': {
      const inner = Object.entries(field.fields).map(([name, part]) => `\`${nameOf(name, part)}\`: ${valueOf(part)}`)
      return `{ ${inner.join('; ')} }`
    }
    default:
      return SIMPLE[field.kind]
  }
}
