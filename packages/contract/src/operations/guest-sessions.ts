import { z } from 'zod'
import { operation } from '../operation.ts'
import { guestSession } from '../schemas/guest-session.ts'

export const create = operation({
  id: 'createGuestSession',
  method: 'post',
  path: '/v1/guest-sessions',
  tag: 'Guests',
  summary: 'Create a guest session',
  description: "Returns a customer's token for a buyer without an account.",
  access: 'anyone',
  scope: null,
  limit: 'guestSession',
  body: z.strictObject({}).optional(),
  bodyExample: {},
  answers: {
    201: { description: 'The session', schema: guestSession, example: { token: 'eyJhbGciOiJI…', expiresIn: 604_800 } },
  },
  problems: ['too_many_requests'],
})
