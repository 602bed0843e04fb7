import { z } from 'zod'
import { isReference } from '@boxoffice/core/domain/booking-reference.ts'
import { AUDITED_ENTITIES } from '@boxoffice/core/domain/audited-entities.ts'
import { instantInput, isId, textLine } from '@boxoffice/core/fields/values.ts'
import { page, pageOf } from '../fields.ts'
import { operation } from '../operation.ts'
import { auditRow } from '../schemas/audit.ts'

interface EntityFilter {
  readonly entity: string | null
  readonly entityId: string | null
  readonly reference: string | null
}

/** `booking`, an id, a booking reference, or a kind and one of the two: `payment:0199…`, `booking:K7QXM2PA`. */
const entity = z
  .string()
  .transform((text, context): EntityFilter => {
    // Some references are letters only and look like a kind in lower case, but no kind looks like a reference.
    if (isReference(text.toUpperCase())) return ofBooking(text)
    const [, kind, name = ''] = /^(?:([a-z_]{1,40})(?::|$))?(.{0,40})$/.exec(text) ?? []
    if (kind === undefined && name === '') return refuse(context)
    if (kind !== undefined && !KINDS.has(kind)) return refuse(context, `There is no kind ${kind}`)
    if (name === '') return { entity: kind ?? null, entityId: null, reference: null }
    if (isId(name)) return { entity: kind ?? null, entityId: name.toLowerCase(), reference: null }
    if (kind === 'booking' && isReference(name.toUpperCase())) return ofBooking(name)
    return refuse(context)
  })
  .meta({
    description: 'Kind, id, kind and id, or booking reference (the booking with its payments, refunds and tickets)',
    override: { type: 'string' },
    example: 'booking:K7QXM2PA',
  })

/** Returns the filter of a booking's own rows and those of its payments, refunds and tickets. */
function ofBooking(reference: string): EntityFilter {
  return { entity: null, entityId: null, reference: reference.toUpperCase() }
}

const KINDS: ReadonlySet<string> = new Set(AUDITED_ENTITIES)

function refuse(context: z.RefinementCtx, problem?: string): never {
  const kinds = new Intl.ListFormat('en', { type: 'disjunction' }).format(AUDITED_ENTITIES)
  const must = `Must be a kind, an id, a booking reference, or kind:id, where a kind is ${kinds}`
  context.addIssue({ code: 'custom', message: problem === undefined ? must : `${problem}. ${must}` })
  return z.NEVER
}

const name = textLine(250)

export const list = operation({
  id: 'listAudit',
  method: 'get',
  path: '/v1/audit',
  tag: 'Audit',
  summary: 'List the audit',
  description: 'Lists who did what, newest first: organizers about their own, admins about everything.',
  access: 'organizer',
  scope: 'audit:read',
  limit: 'read',
  query: z.strictObject({
    ...page,
    entity: entity.optional(),
    action: name.optional().meta({ example: 'booking.cancelled' }),
    actor: name.optional().meta({ description: 'The `sub` of a token, `provider:…` or `system`' }),
    from: instantInput.optional().meta({ description: 'At or after this' }),
    to: instantInput.optional().meta({ description: 'Before this' }),
  }),
  answers: {
    200: {
      description: 'A page',
      schema: pageOf(auditRow),
      example: {
        items: [
          {
            id: '01890000-0000-7000-8000-000000000060',
            at: '2026-11-22T18:05:00.000Z',
            actor: 'customer:ada',
            action: 'booking.cancelled',
            entity: 'booking',
            entityId: '01890000-0000-7000-8000-000000000061',
            before: { status: 'pending' },
            after: { status: 'cancelled', reason: 'customer' },
            requestId: '6f1c1b5e-1f0a-4f5e-9d5c-2f6f6b7c1a10',
          },
        ],
        nextCursor: null,
      },
    },
  },
  problems: [],
})
