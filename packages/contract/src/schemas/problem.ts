import { z } from 'zod'
import { type ProblemCode, PROBLEMS } from '@boxoffice/core/domain/problems.ts'

const codes = Object.keys(PROBLEMS).filter((code): code is ProblemCode => code in PROBLEMS)

/** Problem details (RFC 9457). Some codes have further members; see each. */
export const problem = z
  .looseObject({
    type: z.string().meta({ example: 'urn:boxoffice:problem:invalid_request' }),
    title: z.string(),
    status: z.int(),
    code: z.enum(codes),
    detail: z.string().meta({ description: 'Sentence for people, about this occurrence' }),
    errors: z.array(
      z.strictObject({
        pointer: z.string().meta({ description: 'JSON Pointer into the body, or the query parameter after a slash' }),
        detail: z.string(),
      }),
    ),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' })
