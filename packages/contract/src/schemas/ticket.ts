import { z } from 'zod'
import { id, instant } from '@boxoffice/core/fields/values.ts'
import { placeFields } from './place.ts'

const fields = {
  id,
  token: z.string().meta({ description: 'Content of the QR code: a compact JWS' }),
  status: z.enum(['issued', 'checked_in', 'void']),
  checkedIn: z.strictObject({ at: instant, gate: z.string() }).nullable(),
}

export const ticket = z
  .union([
    z.strictObject({ ...fields, ...placeFields, category: z.string() }),
    z.strictObject({ ...fields, ticketType: z.strictObject({ id, name: z.string() }) }),
  ])
  .meta({ id: 'Ticket' })

export const keySet = z
  .strictObject({
    keys: z.array(
      z.strictObject({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string(),
        kid: z.string(),
        alg: z.literal('EdDSA'),
        use: z.literal('sig'),
      }),
    ),
  })
  .meta({ id: 'KeySet' })
