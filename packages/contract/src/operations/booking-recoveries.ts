import { z } from 'zod'
import { typedEmail } from '@boxoffice/core/fields/email.ts'
import { typedCode } from '@boxoffice/core/fields/values.ts'
import { byReference } from '../fields.ts'
import { operation } from '../operation.ts'
import { bookingRecovery, recoveredSession } from '../schemas/booking-recovery.ts'

export const request = operation({
  id: 'requestBookingRecovery',
  method: 'post',
  path: '/v1/booking-recoveries',
  tag: 'Guests',
  summary: 'Request a link to a booking',
  description:
    "Mails a link to the booking's address if reference and address belong together. The response never says whether they do. At most one link in five minutes and five in a day.",
  access: 'anyone',
  scope: null,
  limit: 'lookup',
  body: z.strictObject({ reference: byReference.shape.reference, email: typedEmail }),
  bodyExample: { reference: 'K7QXM2PA', email: 'ada@example.org' },
  answers: {
    202: {
      description: 'Accepted',
      schema: bookingRecovery,
      example: { detail: 'If the booking exists, a mail with a link to it is on its way.' },
    },
  },
  problems: ['too_many_requests'],
})

export const redeem = operation({
  id: 'redeemBookingRecovery',
  method: 'post',
  path: '/v1/booking-recoveries/redeem',
  tag: 'Guests',
  summary: 'Exchange the token of a mailed link for a session',
  description: 'The session may do with this booking what its buyer may, and nothing else.',
  access: 'anyone',
  scope: null,
  limit: 'lookup',
  body: z.strictObject({ token: typedCode(1_000) }),
  bodyExample: { token: 'eyJhbGciOiJI…' },
  answers: {
    200: {
      description: 'The session',
      schema: recoveredSession,
      example: { token: 'eyJhbGciOiJI…', expiresIn: 86_400, reference: 'K7QXM2PA' },
    },
  },
  problems: ['invalid_recovery', 'too_many_requests'],
})
