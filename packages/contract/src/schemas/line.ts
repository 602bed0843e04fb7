import { z } from 'zod'

export const line = z
  .strictObject({
    paused: z.boolean().meta({ description: 'Whether it accepts requests and decides none' }),
    draining: z.boolean().meta({ description: 'Whether it accepts no requests and decides those that wait' }),
    waiting: z.int().min(0).meta({ description: 'Undecided requests', example: 42 }),
    oldestMs: z.int().min(0).nullable().meta({
      description: 'Waiting time of the oldest undecided request; null if none waits',
      example: 87,
    }),
    decidedPerSecond: z.number().min(0).meta({ description: 'Smoothed rate, as of the last batch', example: 4_210.5 }),
  })
  .meta({ id: 'Line' })
