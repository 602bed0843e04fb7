import { z } from 'zod'
import { instantInput } from '@boxoffice/core/fields/values.ts'
import type { ProblemCode } from '@boxoffice/core/domain/problems.ts'
import { byId, page, pageOf, reasonText } from './fields.ts'
import { operation } from './operation.ts'
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
  return {
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
