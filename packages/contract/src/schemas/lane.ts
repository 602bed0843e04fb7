import { z } from 'zod'

export const lane = z
  .strictObject({
    id: z.int().min(0).meta({ example: 3 }),
    paused: z.boolean().meta({ description: 'Whether it accepts requests and decides none' }),
    draining: z.boolean().meta({ description: 'Whether it accepts no requests and decides those that wait' }),
    waiting: z.int().min(0).meta({ description: 'Undecided requests', example: 42 }),
    watermark: z
      .int()
      .min(0)
      .meta({ description: 'Highest `seq` up to which all requests are decided', example: 18_211 }),
    decidedPerSecond: z.number().min(0).meta({ description: 'Smoothed rate, as of the last batch', example: 4_210.5 }),
    oldestWaitingMs: z.int().min(0).nullable().meta({
      description: 'Waiting time of the oldest undecided request; null if none waits',
      example: 87,
    }),
    resources: z.int().min(0).meta({ description: 'Number of its showtimes and events', example: 12 }),
  })
  .meta({ id: 'Lane' })

export const laneList = z.strictObject({ items: z.array(lane) }).meta({ id: 'LaneList' })
