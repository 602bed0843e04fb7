import type { z } from 'zod'
import type { Operation } from '@boxoffice/contract/operation.ts'
import type { blockBody, giveBackBody } from '@boxoffice/contract/schemas/block.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { giveBack, keepPlaces } from '@boxoffice/core/catalogue/blocks/keep-places.ts'
import type { ResourceKind } from '@boxoffice/core/catalogue/lock-resource.ts'
import { findBlock, listBlocks } from '@boxoffice/core/catalogue/queries/blocks.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { sendPrivateJson } from '../../answers/send-json.ts'
import { organizerScope } from '../../callers/authenticate.ts'
import { pageCursor } from '../../lists/page-cursor.ts'
import { markReplay } from '../../routing/idempotency-key.ts'
import type { Routes } from '../../routing/routes.ts'
import { changedBy, changeResource, type ManagementDependencies } from './dependencies.ts'

type ById = z.ZodType<{ readonly id: string }>

/** The calls about the kept places of showtimes, or of events. */
export interface BlockCalls {
  readonly keepPlaces: Operation<'organizerOwn', ById, z.ZodType, typeof blockBody>
  readonly blocks: Operation<
    'organizerOwn',
    ById,
    z.ZodType<{ readonly limit: number; readonly cursor?: string | undefined }>
  >
  readonly giveBack: Operation<
    'organizerOwn',
    z.ZodType<{ readonly id: string; readonly blockId: string }>,
    z.ZodType,
    typeof giveBackBody
  >
}

/** Serves kept places. `requireOwn` throws 404 for a showtime or event that is not the caller's. */
export function serveBlocks(
  routes: Routes,
  management: ManagementDependencies,
  kind: ResourceKind,
  calls: BlockCalls,
  requireOwn: (caller: Caller, id: string) => Promise<unknown>,
): void {
  const { pool } = management.database

  routes.on(calls.keepPlaces, async (call) => {
    const { caller, params, response, body } = call
    const { reason, seats = [], areas = [] } = body
    const { id, replayed } = await changeResource(management, params.id, (tx) =>
      keepPlaces(tx, {
        ...changedBy(call),
        kind,
        resourceId: params.id,
        organizerId: organizerScope(caller),
        reason,
        seats,
        areas,
        keyed: call.keyed(),
      }),
    )
    markReplay(response, replayed)
    sendPrivateJson(response, 201, await find(params.id, id))
  })

  routes.on(calls.blocks, async ({ caller, params, query, response }) => {
    await requireOwn(caller, params.id)
    const page = await management.reports.read(caller, 'limit', (lists) =>
      listBlocks(lists.pool, params.id, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  routes.on(calls.giveBack, async (call) => {
    const { caller, params, body, response } = call
    const places = body === undefined ? null : { seats: body.seats ?? [], areas: body.areas ?? [] }
    await changeResource(management, params.id, (tx) =>
      giveBack(tx, {
        ...changedBy(call),
        kind,
        resourceId: params.id,
        organizerId: organizerScope(caller),
        blockId: params.blockId,
        places,
      }),
    )
    sendPrivateJson(response, 200, await find(params.id, params.blockId))
  })

  async function find(resourceId: string, id: string) {
    const found = await findBlock(pool, resourceId, id)
    if (found === null) throw notFound('block')
    return found
  }
}
