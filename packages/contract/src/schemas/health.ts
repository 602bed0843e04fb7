import { z } from 'zod'

const check = z
  .strictObject({
    ok: z.boolean(),
    why: z.string().optional().meta({ description: 'Reason, if the check failed' }),
  })
  .meta({ id: 'Check' })

export const live = z.strictObject({ status: z.literal('live') }).meta({ id: 'Live' })

export const ready = z
  .strictObject({ status: z.literal('ready'), checks: z.record(z.string(), check) })
  .meta({ id: 'Ready' })
