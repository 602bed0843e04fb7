import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { z } from 'zod'
import { clientTypes } from '@boxoffice/contract/client-types.ts'
import type { Operation } from '@boxoffice/contract/operation.ts'
import { OPERATIONS, type operations } from '@boxoffice/contract/operations.ts'
import type { ProblemCode } from '@boxoffice/core/domain/problems.ts'
import type { Operations, ProblemCode as ClientProblemCode } from '../../packages/client/src/api.ts'

it('the client has the types of the contract: npm run client:paths', () => {
  const file = new URL('../../packages/client/src/api.ts', import.meta.url)
  expect(readFileSync(file, 'utf8')).toBe(clientTypes(OPERATIONS))
})

// That they are those which zod infers is for the compiler to say: npm run check:types.

type Declared = typeof operations
type Input<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined
type Output<Answers> = {
  [Status in keyof Answers]: Answers[Status] extends { readonly schema: infer Schema extends z.ZodType }
    ? z.output<Schema>
    : never
}[keyof Answers]
type OrUndefined<Type> = [Type] extends [never] ? undefined : Type
type PartsOf<Id extends keyof Declared> =
  Declared[Id] extends Operation<infer _Access, infer Params, infer Query, infer Body, infer Answers>
    ? {
        params: Input<Params>
        query: Input<Query>
        body: Input<Body>
        answer: OrUndefined<Output<Answers>>
      }
    : never

type Same<One, Other> =
  (<Type>() => Type extends One ? 1 : 2) extends <Type>() => Type extends Other ? 1 : 2 ? true : false

/** The operations that differ. */
type Different = {
  [Id in keyof Declared]: Same<PartsOf<Id>, Operations[Id]> extends true ? never : Id
}[keyof Declared]

it('has them as the schemas infer them', () => {
  const noneDiffers: [Different] extends [never] ? true : Different = true
  const sameNames: Same<keyof Declared, keyof Operations> = true
  const sameProblems: Same<ProblemCode, ClientProblemCode> = true
  expect([noneDiffers, sameNames, sameProblems]).toEqual([true, true, true])
})
