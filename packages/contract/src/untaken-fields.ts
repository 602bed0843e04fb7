import { z } from 'zod'
import type { Operation } from './operation.ts'

const FIXED = 'Cannot be changed'

/**
 * Returns the sentences for fields that a body does not take and that callers may well send, by pointer, with `*` for
 * any index. For a PATCH, fields that appear only in the response are rejected with "Cannot be changed", not "Unknown
 * field".
 */
export function untakenFields({ method, answers, untaken }: Operation): ReadonlyMap<string, string> {
  const answer = method === 'patch' ? answers[200]?.schema : undefined
  const read = answer instanceof z.ZodObject ? Object.keys(answer.shape) : []
  return new Map([...read.map((field) => [`/${field}`, FIXED] as const), ...Object.entries(untaken ?? {})])
}
