import { z } from 'zod'

export const lane = z
  .strictObject({
    id: z.int().min(0).meta({ example: 3 }),
    paused: z.boolean().meta({ description: 'Takes requests and decides none' }),
    draining: z.boolean().meta({ description: 'Takes no requests and decides those that wait' }),
    waiting: z.int().min(0).meta({ description: 'Undecided requests', example: 42 }),
    watermark: z.int().min(0).meta({ description: 'Everything up to this seq is decided', example: 18_211 }),
    decidedPerSecond: z.number().min(0).meta({ description: 'Smoothed, as of its last batch', example: 4_210.5 }),
    oldestWaitingMs: z.int().min(0).nullable().meta({
      description: 'How long the oldest undecided request has waited; null where none does',
      example: 87,
    }),
    resources: z.int().min(0).meta({ description: 'Showtimes and events that belong to it', example: 12 }),
  })
  .meta({ id: 'Lane' })

export const laneList = z.strictObject({ items: z.array(lane) }).meta({ id: 'LaneList' })
