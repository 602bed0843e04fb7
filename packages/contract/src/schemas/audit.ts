import { z } from 'zod'
import { id, instant } from '@boxoffice/core/fields/values.ts'

const facts = z.record(z.string(), z.unknown()).nullable()

export const auditRow = z
  .strictObject({
    id,
    at: instant,
    actor: z.string().meta({ description: 'The `sub` of a token, `provider:…` or `system`' }),
    action: z.string().meta({ example: 'booking.cancelled' }),
    entity: z.string().meta({ example: 'booking' }),
    entityId: id,
    before: facts,
    after: facts,
    requestId: z.string().nullable(),
  })
  .meta({ id: 'AuditRow' })
