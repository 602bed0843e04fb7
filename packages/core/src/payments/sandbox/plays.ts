import { z } from 'zod'

const DEFAULT_DELAY_S = 10

/** Delay in seconds, which comes from a form as text. */
const delayS = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^\d{1,6}$/)
        .transform(Number),
    ],
    { error: 'Must be a number of seconds' },
  )
  .pipe(z.int().min(1, { error: 'Must be at least 1' }).max(3_600, { error: 'Must be at most 3600' }))

const without = <Action extends string>(action: Action) => z.strictObject({ action: z.literal(action) })

/** Actions of a buyer, and of what goes wrong around a buyer, on a checkout page. */
export const sandboxPlaySchema = z.discriminatedUnion(
  'action',
  [
    without('approve'),
    /** Processing first, then paid after `delayS` seconds. */
    z.strictObject({ action: z.literal('approve_later'), delayS: delayS.default(DEFAULT_DELAY_S) }),
    /** Declined, which is not the end: the page stays open for another card. */
    without('decline'),
    /** The end, with nothing paid. */
    without('fail'),
    /** The same event is sent twice at once. */
    without('approve_twice'),
    /** The report that it is processing arrives after the report that it is paid. */
    without('approve_out_of_order'),
    /** Paid, and no webhook says so. */
    without('approve_silently'),
    without('approve_wrong_amount'),
    without('approve_wrong_currency'),
    /** Money is taken although the page was closed. */
    without('approve_cancelled'),
  ],
  { error: 'Is not something to play' },
)

export type SandboxPlay = z.infer<typeof sandboxPlaySchema>
export type PlayName = SandboxPlay['action']
