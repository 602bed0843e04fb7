import { z } from 'zod'
import { idInput, instantInput } from '@boxoffice/core/fields/values.ts'
import type { ProblemCode } from '@boxoffice/core/domain/problems.ts'
import { byId, page, pageOf, reasonText } from './fields.ts'
import { operation } from './operation.ts'
import { block, blockBody, giveBackBody } from './schemas/block.ts'
import { line } from './schemas/line.ts'
import { cancellation, organizerIdQuery } from './schemas/management-parts.ts'

interface ResourceOf<
  Noun extends 'showtime' | 'event',
  OnSale extends string,
  Change extends z.ZodType,
  View extends z.ZodType,
> {
  readonly noun: Noun
  readonly tag: string
  readonly onSale: OnSale
  readonly view: View
  readonly example: Readonly<Record<string, unknown>>
  readonly change: Change
  readonly changeDescription: string
  readonly untaken: Readonly<Record<string, string>>
  readonly changeProblems: readonly ProblemCode[]
  readonly reason: string
}

/** Declares how a showtime or an event is changed, cancelled, listed and looked up by its organizer. */
export function resourceOperations<
  const Noun extends 'showtime' | 'event',
  const OnSale extends string,
  Change extends z.ZodType,
  View extends z.ZodType,
>(resource: ResourceOf<Noun, OnSale, Change, View>) {
  const { noun, tag, onSale, view, example, reason } = resource
  const name = (noun === 'event' ? 'Event' : 'Showtime') as Capitalize<Noun>
  const a = noun === 'event' ? `an ${noun}` : `a ${noun}`
  const shown = { description: `The ${noun}`, schema: view, example }
  const write = { tag, access: 'organizerOwn', scope: 'catalogue:write', limit: 'write', params: byId } as const
  const read = { tag, access: 'organizerOwn', scope: 'catalogue:read', limit: 'read', method: 'get' } as const
  const progress = {
    description: 'The progress',
    schema: cancellation,
    example: {
      status: 'running',
      reason,
      total: 240,
      cancelled: 100,
      failed: 0,
      startedAt: '2026-11-22T18:00:00.000Z',
      finishedAt: null,
    },
  }
  const lineShown = {
    description: `The line of the ${noun}`,
    schema: line,
    example: { paused: false, draining: false, waiting: 42, oldestMs: 87, decidedPerSecond: 4_210.5 },
  }
  const command = {
    ...write,
    method: 'post',
    keyed: true,
    noun,
    body: z.strictObject({ reason: reasonText }),
    bodyExample: { reason },
    problems: [],
  } as const
  const blockExample = {
    id: '01890000-0000-7000-8000-000000000060',
    reason: 'For the press',
    seats: ['E5', 'E6'],
    areas: [],
    createdAt: '2026-11-22T18:00:00.000Z',
    releasedAt: null,
  }
  return {
    keepPlaces: operation({
      ...write,
      id: `keep${name}Places`,
      method: 'post',
      path: `/v1/${noun}s/{id}/blocks`,
      summary: `Keep places of ${a} off public sale`,
      description:
        "Seats and places of areas that are free are kept, all or none. The organizer's people book them by the `blockId` of a booking request.",
      keyed: true,
      noun,
      body: blockBody,
      bodyExample: { reason: 'For the press', seats: ['E5', 'E6'] },
      answers: { 201: { description: 'The block', schema: block, example: blockExample } },
      problems: ['in_use'],
    }),
    blocks: operation({
      ...read,
      id: `list${name}Blocks`,
      path: `/v1/${noun}s/{id}/blocks`,
      summary: `List the kept places of ${a}`,
      description: 'Blocks that were not given back, oldest first, with what is left of each.',
      noun,
      params: byId,
      query: z.strictObject(page),
      answers: {
        200: { description: 'A page', schema: pageOf(block), example: { items: [blockExample], nextCursor: null } },
      },
      problems: [],
    }),
    giveBack: operation({
      ...write,
      id: `giveBack${name}Places`,
      method: 'delete',
      path: `/v1/${noun}s/{id}/blocks/{blockId}`,
      summary: `Give kept places of ${a} back to public sale`,
      description: 'All that is left of the block; or, with a body, these seats and places.',
      noun: 'block',
      params: z.strictObject({ id: idInput, blockId: idInput }),
      body: giveBackBody,
      bodyExample: { seats: ['E5'] },
      answers: {
        200: { description: 'The block as it is left', schema: block, example: { ...blockExample, seats: ['E6'] } },
      },
      problems: [],
    }),
    pause: operation({
      ...command,
      id: `pause${name}`,
      path: `/v1/${noun}s/{id}/pause`,
      summary: `Pause the line of ${a}`,
      description:
        'Once this is answered, no booking request is decided any more. The line goes on accepting requests, which keep their places. Pausing it again changes nothing.',
      answers: { 200: { ...lineShown, example: { ...lineShown.example, paused: true } } },
    }),
    drain: operation({
      ...command,
      id: `drain${name}`,
      path: `/v1/${noun}s/{id}/drain`,
      summary: `Drain the line of ${a}`,
      description:
        'Once this is answered, the line accepts no more requests (503 `overloaded`) in any process, and decides those that wait; a paused line resumes deciding. A request that was accepted before is still returned for its `Idempotency-Key`.',
      answers: { 200: { ...lineShown, example: { ...lineShown.example, draining: true } } },
    }),
    resume: operation({
      ...command,
      id: `resume${name}`,
      path: `/v1/${noun}s/{id}/resume`,
      summary: `Resume the line of ${a}`,
      description: 'The line accepts and decides requests again within a second or two, those that waited first.',
      answers: { 200: lineShown },
    }),
    line: operation({
      ...read,
      id: `get${name}Line`,
      path: `/v1/${noun}s/{id}/line`,
      summary: `Look at the line of ${a}`,
      noun,
      params: byId,
      answers: { 200: lineShown },
      problems: [],
    }),
    update: operation({
      ...write,
      id: `update${name}`,
      method: 'patch',
      path: `/v1/${noun}s/{id}`,
      summary: `Change ${a}, put it on sale or take it off`,
      description: resource.changeDescription,
      noun,
      body: resource.change,
      bodyExample: { status: onSale },
      untaken: resource.untaken,
      answers: { 200: { ...shown, example: { ...example, status: onSale } } },
      problems: ['invalid_transition', 'in_use', 'not_on_sale', ...resource.changeProblems],
    }),
    cancel: operation({
      ...write,
      id: `cancel${name}`,
      method: 'post',
      path: `/v1/${noun}s/{id}/cancel`,
      summary: `Cancel ${a} and its bookings`,
      description:
        'It is off sale at once. Its bookings are cancelled and refunded, fee included, in batches; buyers get a mail with the reason. An API key needs the scope `refunds:write`, too.',
      keyed: true,
      noun,
      body: z.strictObject({ reason: reasonText }),
      bodyExample: { reason },
      answers: { 202: progress },
      problems: ['invalid_transition', 'not_on_sale'],
    }),
    cancellation: operation({
      ...read,
      id: `get${name}Cancellation`,
      path: `/v1/${noun}s/{id}/cancellation`,
      summary: `Look up the progress of the cancellation of ${a}`,
      noun: 'cancellation',
      params: byId,
      answers: { 200: progress },
      problems: [],
    }),
    list: operation({
      ...read,
      id: `listOrganizer${name}s`,
      path: `/v1/organizer/${noun}s`,
      summary: `List an organizer's ${noun}s`,
      description: 'Earliest first, including drafts and cancelled ones.',
      access: 'organizer',
      query: z.strictObject({
        ...page,
        organizerId: organizerIdQuery,
        status: z.enum(['draft', onSale, 'cancelled']).optional(),
        from: instantInput.optional().meta({ description: 'Starts at or after this' }),
        to: instantInput.optional().meta({ description: 'Starts before this' }),
      }),
      answers: {
        200: { description: 'A page', schema: pageOf(view), example: { items: [example], nextCursor: null } },
      },
      problems: ['not_found'],
    }),
    get: operation({
      ...read,
      id: `getOrganizer${name}`,
      path: `/v1/organizer/${noun}s/{id}`,
      summary: `Look up an organizer's ${noun}`,
      noun,
      params: byId,
      answers: { 200: shown },
      problems: [],
    }),
  }
}
