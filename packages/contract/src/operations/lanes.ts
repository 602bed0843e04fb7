import { z } from 'zod'
import { reasonText } from '../fields.ts'
import { operation } from '../operation.ts'
import { lane, laneList } from '../schemas/lane.ts'

const tag = 'Operations'
const noun = 'lane'

const byLane = z.strictObject({
  lane: z
    .string()
    .regex(/^(?:0|[1-9]\d{0,4})$/)
    .transform(Number)
    .meta({ override: { type: 'integer', minimum: 0 }, example: 3 }),
})

const body = z.strictObject({ reason: reasonText })
const bodyExample = { reason: 'The hall of this on-sale was double-booked' }

const example = {
  id: 3,
  paused: false,
  draining: false,
  waiting: 42,
  watermark: 18_211,
  decidedPerSecond: 4_210.5,
  oldestWaitingMs: 87,
  resources: 12,
}

export const list = operation({
  id: 'listLanes',
  method: 'get',
  path: '/v1/lanes',
  tag,
  summary: 'List the lanes',
  description:
    'All lanes, by number. A lane is a queue of jobs, over which the lines of showtimes and events are spread; each line goes on by itself.',
  access: 'admin',
  scope: null,
  limit: 'read',
  answers: { 200: { description: 'The lanes', schema: laneList, example: { items: [example] } } },
  problems: [],
})

export const get = operation({
  id: 'getLane',
  method: 'get',
  path: '/v1/lanes/{lane}',
  tag,
  summary: 'Look up a lane',
  access: 'admin',
  scope: null,
  limit: 'read',
  noun,
  params: byLane,
  answers: { 200: { description: 'The lane', schema: lane, example } },
  problems: ['not_found'],
})

export const pause = operation({
  id: 'pauseLane',
  method: 'post',
  path: '/v1/lanes/{lane}/pause',
  tag,
  summary: 'Pause a lane',
  description:
    'Pauses the line of every showtime and event in the lane, as `POST /v1/showtimes/{id}/pause` does. What is created later is not paused. Pausing it again changes nothing.',
  access: 'admin',
  scope: null,
  limit: 'write',
  keyed: true,
  noun,
  params: byLane,
  body,
  bodyExample,
  answers: { 200: { description: 'The lane, paused', schema: lane, example: { ...example, paused: true } } },
  problems: ['not_found'],
})

export const drain = operation({
  id: 'drainLane',
  method: 'post',
  path: '/v1/lanes/{lane}/drain',
  tag,
  summary: 'Drain a lane',
  description:
    'Drains the line of every showtime and event in the lane, as `POST /v1/showtimes/{id}/drain` does. What is created later is not drained.',
  access: 'admin',
  scope: null,
  limit: 'write',
  keyed: true,
  noun,
  params: byLane,
  body,
  bodyExample,
  answers: { 200: { description: 'The lane, draining', schema: lane, example: { ...example, draining: true } } },
  problems: ['not_found'],
})

export const resume = operation({
  id: 'resumeLane',
  method: 'post',
  path: '/v1/lanes/{lane}/resume',
  tag,
  summary: 'Resume a lane',
  description: 'Resumes the line of every showtime and event in the lane, also where it was paused or drained alone.',
  access: 'admin',
  scope: null,
  limit: 'write',
  keyed: true,
  noun,
  params: byLane,
  body,
  bodyExample,
  answers: { 200: { description: 'The lane', schema: lane, example } },
  problems: ['not_found'],
})
