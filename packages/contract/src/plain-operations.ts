import type { z } from 'zod'
import type { Scope } from '@boxoffice/core/domain/role.ts'
import type { AccessName } from './access.ts'
import { byId, pageOf } from './fields.ts'
import { type Operation, operation } from './operation.ts'
import type { ProblemCode } from '@boxoffice/core/domain/problems.ts'

interface PlainThing<
  Noun extends string,
  ListId extends string,
  Make extends AccessName,
  List extends AccessName,
  Look extends AccessName,
  Create extends z.ZodType,
  Change extends z.ZodType,
  Query extends z.ZodType,
  View extends z.ZodType,
> {
  /** `promo code`; the ids of its operations have `PromoCode`. */
  readonly noun: Noun
  readonly path: string
  readonly tag: string
  readonly view: View
  readonly example: Readonly<Record<string, unknown>>
  /** `listVenues` of a venue, unless given. */
  readonly listId?: ListId
  readonly create: Create
  readonly createExample: unknown
  readonly change: Change
  readonly changeExample: Readonly<Record<string, unknown>>
  readonly query: Query
  readonly access: { readonly create: Make; readonly list: List; readonly get: Look }
  /** Parts of single operations that differ from the usual. */
  readonly but?: Partial<Record<'create' | 'list' | 'get' | 'update', Partial<Words>>>
}

/** Noun as ids have it: `PromoCode` of `promo code`. */
type NameOf<Noun extends string> = Noun extends `${infer First} ${infer Rest}`
  ? `${Capitalize<First>}${NameOf<Rest>}`
  : Capitalize<Noun>

type Words = Pick<Operation, 'path' | 'summary' | 'description' | 'scope' | 'problems'>

/** Declares how a plain thing is made, listed, looked up and changed. */
export function plainOperations<
  const Noun extends string,
  const Make extends AccessName,
  const List extends AccessName,
  const Look extends AccessName,
  Create extends z.ZodType,
  Change extends z.ZodType,
  Query extends z.ZodType,
  View extends z.ZodType,
  const ListId extends string = `list${NameOf<Noun>}s`,
>(thing: PlainThing<Noun, ListId, Make, List, Look, Create, Change, Query, View>) {
  const { noun, path, tag, view, example, access, but = {} } = thing
  const name = noun.replaceAll(/(?:^| )(.)/g, (_, letter: string) => letter.toUpperCase()) as NameOf<Noun>
  const a = /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`
  const shown = { description: `The ${noun}`, schema: view, example }
  const problems: readonly ProblemCode[] = access.create === 'admin' ? [] : ['not_found']
  const write = { tag, scope: 'catalogue:write' as Scope | null, limit: 'write' } as const
  const read = { tag, scope: 'catalogue:read' as Scope | null, limit: 'read' } as const
  return {
    create: operation({
      ...write,
      id: `create${name}`,
      method: 'post',
      path,
      summary: `Create ${a}`,
      access: access.create,
      keyed: true,
      body: thing.create,
      bodyExample: thing.createExample,
      answers: { 201: shown },
      problems,
      ...but.create,
    }),
    list: operation({
      ...read,
      id: thing.listId ?? (`list${name}s` as ListId),
      method: 'get',
      path,
      summary: `List ${noun}s`,
      description: 'Newest first.',
      access: access.list,
      query: thing.query,
      answers: {
        200: { description: 'A page', schema: pageOf(view), example: { items: [example], nextCursor: null } },
      },
      problems,
      ...but.list,
    }),
    get: operation({
      ...read,
      id: `get${name}`,
      method: 'get',
      path: `${path}/{id}`,
      summary: `Look up ${a}`,
      access: access.get,
      noun,
      params: byId,
      answers: { 200: shown },
      problems: [],
      ...but.get,
    }),
    update: operation({
      ...write,
      id: `update${name}`,
      method: 'patch',
      path: `${path}/{id}`,
      summary: `Change ${a}`,
      access: 'organizerOwn',
      noun,
      params: byId,
      body: thing.change,
      bodyExample: thing.changeExample,
      answers: { 200: { ...shown, example: { ...example, ...thing.changeExample } } },
      problems: [],
      ...but.update,
    }),
  }
}
