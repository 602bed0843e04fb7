import { type Request, type Response, Router } from 'express'
import type { z } from 'zod'
import { ACCESS, type AccessName } from '@boxoffice/contract/access.ts'
import type { Operation } from '@boxoffice/contract/operation.ts'
import { untakenFields } from '@boxoffice/contract/untaken-fields.ts'
import { type KeyedRequest, keyedRequest } from '@boxoffice/core/use-case/idempotency.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { PROBLEMS } from '@boxoffice/core/domain/problems.ts'
import { notFound, Problem } from '@boxoffice/core/use-case/problem.ts'
import type { AddressTurns } from './address-turns.ts'
import type { Admission } from './admission.ts'
import { type Authenticate, requireRole, requireScope } from './authenticate.ts'
import { idempotencyKey } from './idempotency-key.ts'
import { readJsonBody } from './json-body.ts'
import { requestIdOf } from './request-id.ts'
import type { Turns } from './turns.ts'
import { validate } from './validate.ts'

/** What a handler gets of its call: checked by the operation's schemas. */
export interface Call<Access extends AccessName, Params, Query, Body> {
  /** `null` where the operation needs no token. */
  readonly caller: Access extends 'anyone' ? null : Caller
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly requestId: string
  readonly request: Request
  readonly response: Response
  /** The call under its `Idempotency-Key`; `null` without one. */
  keyed(): KeyedRequest | null
}

export interface RouteDependencies {
  readonly authenticate: Authenticate
  readonly admission: Admission
  /** Given where the calls that change something are let in a few at a time. */
  readonly turns?: Turns
  /** Given where reads of customers are quick, and anybody may send many of them. */
  readonly addressTurns?: AddressTurns
}

/**
 * Routes as the contract declares them. Every call goes the same way: how often (by address) → who → which role → how
 * often (by caller) → path → query → body, and then its handler, which looks at the thing itself.
 */
export class Routes {
  readonly router = Router()
  readonly #deps: RouteDependencies

  constructor(deps: RouteDependencies) {
    this.#deps = deps
  }

  /** Serves `operation` with `handler`, which sends the answer or throws. */
  on<Access extends AccessName, Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
    operation: Operation<Access, Params, Query, Body>,
    handler: (call: Call<Access, z.output<Params>, z.output<Query>, z.output<Body>>) => Promise<void> | void,
  ): void {
    const { body, maxBodyBytes } = operation
    const untaken = untakenFields(operation)
    const readBody = async (request: Request) =>
      body === undefined ? undefined : validate(body, await readJsonBody(request, maxBodyBytes), 'body', untaken)
    // Checked by the very schemas whose outputs these are; TypeScript cannot see that.
    this.#serve(operation, { readBody, turns: this.#deps.turns }, (call) =>
      handler(call as Call<Access, z.output<Params>, z.output<Query>, z.output<Body>>),
    )
  }

  /**
   * Likewise, but leaves the body to the handler, which has to hold it against the operation's schema: for bodies so large
   * that another thread parses them, and which have turns of their own. Takes no `Idempotency-Key`, which goes by the body.
   */
  onUnread<Access extends AccessName, Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
    operation: Operation<Access, Params, Query, Body>,
    handler: (call: Omit<Call<Access, z.output<Params>, z.output<Query>, undefined>, 'keyed'>) => Promise<void> | void,
  ): void {
    this.#serve(operation, { readBody: () => Promise.resolve(undefined), turns: undefined }, (call) =>
      handler(call as Call<Access, z.output<Params>, z.output<Query>, undefined>),
    )
  }

  #serve(
    operation: Operation,
    {
      readBody,
      turns,
    }: { readonly readBody: (request: Request) => Promise<unknown>; readonly turns: Turns | undefined },
    handler: (call: Call<AccessName, unknown, unknown, unknown>) => Promise<void> | void,
  ): void {
    const { authenticate, admission, addressTurns } = this.#deps
    const { roles } = ACCESS[operation.access]
    const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1')
    const serve = async (caller: Caller | null, request: Request, response: Response) => {
      const params = parsePath(operation, request)
      const query = operation.query === undefined ? undefined : validate(operation.query, request.query, 'query')
      const body = await readBody(request)
      const call = {
        caller,
        params,
        query,
        body,
        requestId: requestIdOf(response),
        request,
        response,
        keyed: () => {
          if (caller === null) return null
          const key = idempotencyKey(request.headers['idempotency-key'])
          return keyedRequest(caller.subject, key, nameOf(operation, params), body)
        },
      }
      const handle = async () => handler(call)
      // Only now: a body that arrives slowly must not keep a turn.
      // Lists of organizers have turns of their own, which may take long: nobody at their address is to wait behind those.
      const isOfCrowd = operation.limit === 'read' && (caller === null || caller.role === 'customer')
      if (addressTurns !== undefined && isOfCrowd) await addressTurns.take(request, response, handle)
      else if (turns === undefined || caller === null || operation.method === 'get') await handle()
      else await turns.take(caller, handle)
    }
    this.router[operation.method](path, async (request: Request, response: Response) => {
      let caller: Caller | null = null
      if (roles === null) await admission.admitAnyone(request, response, operation)
      else {
        caller = await admission.admitCaller(request, response, operation, async () => {
          const identified = await authenticate(request)
          requireRole(identified, ...roles)
          requireScope(identified, operation.scope)
          return identified
        })
      }
      try {
        await serve(caller, request, response)
      } catch (error) {
        if (isMiss(error, operation)) await admission.noteMiss(request, operation, caller)
        throw error
      }
    })
  }
}

/** Where a signature takes the place of other limits, also what is not even read: it is nobody's who signs. */
function isMiss(error: unknown, { limit }: Operation): boolean {
  if (!(error instanceof Problem)) return false
  return error.code === 'not_found' || (limit === 'signed' && PROBLEMS[error.code].status < 500)
}

/** What is not of the form of an id or a reference cannot exist. */
function parsePath({ params, noun = 'thing' }: Operation, request: Request): unknown {
  if (params === undefined) return undefined
  const parsed = params.safeParse(request.params)
  if (!parsed.success) throw notFound(noun)
  return parsed.data
}

/** Method and path in one spelling: `POST /v1/bookings/K7QXM2PA/cancel`. */
function nameOf({ method, path }: Operation, params: unknown): string {
  const values = new Map(Object.entries(params ?? {}))
  return `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values.get(name)))}`
}
