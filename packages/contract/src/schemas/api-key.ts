import { z } from 'zod'
import { SCOPES } from '@boxoffice/core/domain/role.ts'
import { id, instant } from '@boxoffice/core/fields/values.ts'

const fields = {
  id,
  organizerId: id,
  name: z.string().meta({ example: 'Ticket shop' }),
  prefix: z.string().meta({ description: 'First characters of the key, safe to show', example: 'bo_7KQ2XM9PWT' }),
  role: z.enum(['staff', 'organizer']),
  scopes: z.array(z.enum(SCOPES)),
  createdAt: instant,
  expiresAt: instant.nullable(),
  lastUsedAt: instant.nullable().meta({ description: 'Last use, to the minute' }),
  revokedAt: instant.nullable(),
}

export const apiKey = z.strictObject(fields).meta({ id: 'ApiKey' })

export const newApiKey = z
  .strictObject({
    ...fields,
    key: z.string().nullable().meta({
      description: 'The whole key, shown once; null if the request is a repetition',
      example: 'bo_7KQ2XM9PWT_vJ2nT0Yb1cXqT9sGm3iH4kL5oP6rS7tU8wZ9aB0cD1e',
    }),
  })
  .meta({ id: 'NewApiKey' })
