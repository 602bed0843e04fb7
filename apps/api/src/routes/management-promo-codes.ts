import type { Router } from 'express'
import * as calls from '@boxoffice/contract/operations/management-promo-codes.ts'
import { withCounts } from '@boxoffice/core/catalogue/count-customers.ts'
import { createPromoCode } from '@boxoffice/core/catalogue/create-promo-code.ts'
import { createPromoCodes } from '@boxoffice/core/catalogue/create-promo-codes.ts'
import { promoCodes } from '@boxoffice/core/catalogue/promo-codes.ts'
import { type BatchedCode, readPromoCodeBatch } from '@boxoffice/core/catalogue/queries/read-promo-code-batch.ts'
import { updatePromoCode } from '@boxoffice/core/catalogue/update-promo-code.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { FairTurnstile } from '../admission/turns/fair-turnstile.ts'
import { sendPrivateParts } from '../answers/send-parts.ts'
import { organizerOf } from '../callers/organizer-of.ts'
import { markReplay } from '../routing/idempotency-key.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { changedBy, type ManagementDependencies } from './management/dependencies.ts'
import { serveThings } from './management/things.ts'

/** A batch of 100,000 keeps a connection for seconds; two leave most of the pool to other changes. */
const BATCHES = {
  atOnce: 2,
  maxWaiting: 8,
  maxWaitingPerKey: 1,
  waitMs: 15_000,
  detail: 'Batches of promo codes are made one after the other.',
} as const

/** Serves promo codes, as their organizer sees and changes them. */
export function promoCodeRoutes(deps: RouteDependencies, management: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { database } = management
  serveThings(routes, management, promoCodes, {
    ...calls,
    make: async (tx, cause, given, organizerId) =>
      (await createPromoCode(tx, { ...cause, ...given, organizerId })).promoCodeId,
    change: (cause, promoCodeId, organizerId, changes) => {
      const input = { ...cause, ...changes, promoCodeId, organizerId }
      return withCounts(database, (counts) => transact(database, (tx) => updatePromoCode(tx, input, counts)))
    },
  })

  const batches = new FairTurnstile(BATCHES)

  routes.on(calls.createBatch, async (call) => {
    const { caller, body, request, response } = call
    const organizerId = organizerOf(caller, body.organizerId)
    const input = { ...changedBy(call), ...body, organizerId }
    const isWanted = () => !response.closed
    const made = await batches.pass(organizerId, isWanted, () =>
      transact(database, (tx) => makeOnce(tx, call.keyed(), () => createPromoCodes(tx, input))),
    )
    if (made === null) return
    markReplay(response, made.replayed)
    const codes = readPromoCodeBatch(database.pool, made.id)
    if (request.accepts('application/json', 'text/csv') !== 'text/csv') {
      await sendPrivateParts(response, 201, 'application/json', jsonOf(codes))
      return
    }
    response.setHeader('Content-Disposition', 'attachment; filename="promo-codes.csv"')
    await sendPrivateParts(response, 201, 'text/csv; charset=utf-8; header=present', csvOf(codes))
  })
  return routes.router
}

type Codes = AsyncGenerator<readonly BatchedCode[]>

async function* jsonOf(chunks: Codes): AsyncGenerator<string> {
  let begin = '{"items":['
  for await (const codes of chunks) {
    if (codes.length > 0) yield begin + codes.map(({ id, code }) => JSON.stringify({ id, code })).join()
    begin = ','
  }
  yield ']}'
}

/** Codes are letters, digits, hyphens and underscores, and begin with a letter or a digit: nothing to quote (RFC 4180). */
async function* csvOf(chunks: Codes): AsyncGenerator<string> {
  let begin = 'code\r\n'
  for await (const codes of chunks) {
    yield begin + codes.map(({ code }) => `${code}\r\n`).join('')
    begin = ''
  }
}
