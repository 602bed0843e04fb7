import { z } from 'zod'
import type { Operation } from './operation.ts'

const FIXED = 'Cannot be changed'

/**
 * What to say of fields that a body does not take and that somebody may well send, by pointer, with `*` for any index.
 * Of a change that is all else that its answer has: whoever sends back what they read is told that it stays, and not that
 * nobody knows it.
 */
export function untakenFields({ method, answers, untaken }: Operation): ReadonlyMap<string, string> {
  const answer = method === 'patch' ? answers[200]?.schema : undefined
  const read = answer instanceof z.ZodObject ? Object.keys(answer.shape) : []
  return new Map([...read.map((field) => [`/${field}`, FIXED] as const), ...Object.entries(untaken ?? {})])
}
