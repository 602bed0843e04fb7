import { z } from 'zod'
import { BOOKING_STATUSES, PAYMENT_STATUSES } from '@boxoffice/core/domain/booking-status.ts'
import { amount, currency, id, instant } from '@boxoffice/core/fields/values.ts'
import { reference } from '../fields.ts'
import { refusal } from './refusal.ts'
import { wishIndex } from './wish-index.ts'

const bookingSummary = z
  .strictObject({
    reference,
    status: z.enum(BOOKING_STATUSES),
    paymentStatus: z.enum(PAYMENT_STATUSES),
    currency,
    subtotal: amount,
    discount: amount,
    fee: amount,
    total: amount.meta({ description: 'subtotal − discount + fee' }),
    expiresAt: instant.nullable().meta({ description: 'End of the hold; null once confirmed' }),
  })
  .meta({ id: 'BookingSummary' })

export const bookingRequest = z
  .strictObject({
    id,
    state: z.enum(['queued', 'booked', 'refused']).meta({ description: 'The last two never change' }),
    resource: z.strictObject({ type: z.enum(['showtime', 'event']), id }),
    seq: z.int().meta({ description: 'Number of the request in the line of its showtime or event' }),
    ahead: z.int().min(0).meta({ description: 'Undecided requests before it; never rises' }),
    etaMs: z.int().min(0).meta({ description: 'Estimated milliseconds until the decision' }),
    acceptedAt: instant,
    decidedAt: instant.nullable(),
    booking: bookingSummary.nullable(),
    wish: wishIndex,
    refusal: refusal.nullable(),
  })
  .meta({ id: 'BookingRequest' })
