import { z } from 'zod'

export const lane = z
  .strictObject({
    id: z.int().min(0).meta({ example: 3 }),
    paused: z.boolean().meta({ description: 'Whether all its lines accept requests and decide none' }),
    draining: z.boolean().meta({ description: 'Whether all its lines accept no requests and decide those that wait' }),
    waiting: z.int().min(0).meta({ description: 'Undecided requests', example: 42 }),
    watermark: z
      .int()
      .min(0)
      .meta({ description: 'Requests that are decided in its lines, and gaps', example: 18_211 }),
    decidedPerSecond: z
      .number()
      .min(0)
      .meta({ description: 'Smoothed rate of the lines in which something waits', example: 4_210.5 }),
    oldestWaitingMs: z.int().min(0).nullable().meta({
      description: 'Waiting time of the oldest undecided request; null if none waits',
      example: 87,
    }),
    resources: z
      .int()
      .min(0)
      .meta({ description: 'Number of its showtimes and events, without those that are over', example: 12 }),
  })
  .meta({ id: 'Lane' })

export const laneList = z.strictObject({ items: z.array(lane) }).meta({ id: 'LaneList' })
