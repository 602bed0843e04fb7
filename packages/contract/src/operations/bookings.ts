import { z } from 'zod'
import { BOOKING_STATUSES } from '@boxoffice/core/domain/booking-status.ts'
import { REFUND_CHOICES } from '@boxoffice/core/domain/money/refund-policy.ts'
import { idInput } from '@boxoffice/core/fields/values.ts'
import { byReference, page, pageOf, reasonText, typedReason } from '../fields.ts'
import { operation } from '../operation.ts'
import { booking, bookingExample, refundExample, requestedRefund, startedPayment } from '../schemas/booking.ts'

const tag = 'Bookings'
const noun = 'booking'

const cancelled = {
  ...bookingExample,
  status: 'cancelled',
  paymentStatus: 'pending',
  refunded: 0,
  confirmedAt: null,
  cancelledAt: '2026-11-22T18:05:00.000Z',
  cancelReason: 'customer',
  payments: [],
  refunds: [],
}

export const list = operation({
  id: 'listBookings',
  method: 'get',
  path: '/v1/bookings',
  tag,
  summary: 'List bookings',
  description: "Newest first: a customer's own, an organizer's for its people, and all of them for admins.",
  access: 'signedIn',
  scope: 'bookings:read',
  limit: 'read',
  query: z.strictObject({
    ...page,
    status: z.enum(BOOKING_STATUSES).optional(),
    resourceId: idInput.optional().meta({ description: 'Showtime or event' }),
  }),
  answers: {
    200: { description: 'A page', schema: pageOf(booking), example: { items: [bookingExample], nextCursor: null } },
  },
  problems: [],
})

export const get = operation({
  id: 'getBooking',
  method: 'get',
  path: '/v1/bookings/{reference}',
  tag,
  summary: 'Look up a booking',
  access: 'bookingReader',
  scope: 'bookings:read',
  limit: 'read',
  noun,
  params: byReference,
  answers: { 200: { description: 'The booking', schema: booking, example: bookingExample } },
  problems: [],
})

export const startPayment = operation({
  id: 'startPayment',
  method: 'post',
  path: '/v1/bookings/{reference}/payments',
  tag,
  summary: 'Start a payment',
  description: 'A booking has one open payment at a time. It is confirmed when the provider reports the payment.',
  access: 'bookingOwner',
  scope: 'bookings:write',
  limit: 'write',
  noun,
  params: byReference,
  keyed: true,
  // No body is as good as an empty one, also to an idempotency key.
  body: z
    .strictObject({
      returnUrl: z
        .url({ protocol: /^https?$/, error: 'Must be an http or https URL' })
        .max(2_000)
        .optional()
        .meta({ description: 'Page that buyers return to', example: 'https://shop.example/thanks' }),
    })
    .default({}),
  bodyExample: { returnUrl: 'https://shop.example/thanks' },
  answers: {
    200: {
      description: 'The open payment',
      schema: startedPayment,
      example: {
        paymentId: '01890000-0000-7000-8000-000000000040',
        status: 'processing',
        checkoutUrl: 'https://pay.example/c/1',
      },
    },
    201: {
      description: 'A new payment',
      schema: startedPayment,
      example: {
        paymentId: '01890000-0000-7000-8000-000000000040',
        status: 'pending',
        checkoutUrl: 'https://pay.example/c/1',
      },
    },
  },
  problems: [
    'invalid_transition',
    'hold_expired',
    'not_on_sale',
    'payment_provider_refused',
    'payment_provider_unavailable',
  ],
})

export const cancel = operation({
  id: 'cancelBooking',
  method: 'post',
  path: '/v1/bookings/{reference}/cancel',
  tag,
  summary: 'Cancel a booking',
  description:
    'Its places are on sale again and its tickets are void at once. What was paid is refunded, for which an API key needs `refunds:write` too.',
  access: 'bookingReader',
  scope: 'bookings:write',
  limit: 'write',
  noun,
  params: byReference,
  keyed: true,
  body: z
    .strictObject({
      reason: typedReason.optional(),
      refund: z
        .enum(REFUND_CHOICES)
        .optional()
        .meta({ description: 'For staff, `full` by default. Customers always get `policy`' }),
    })
    .default({}),
  bodyExample: { reason: 'I fell ill' },
  answers: { 200: { description: 'The booking, cancelled', schema: booking, example: cancelled } },
  // `forbidden` is for customers who choose a refund, and keys that may not send money back.
  problems: ['forbidden', 'invalid_transition', 'not_cancellable'],
})

export const requestRefund = operation({
  id: 'requestRefund',
  method: 'post',
  path: '/v1/bookings/{reference}/refunds',
  tag,
  summary: 'Refund a booking',
  description:
    'Refunds some or all of what was paid, the payment that paid for the booking first. The refund is promised at once and sent right after.',
  access: 'bookingOrganizer',
  scope: 'refunds:write',
  limit: 'write',
  noun,
  params: byReference,
  keyed: true,
  body: z.strictObject({
    amount: z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'In minor units; by default all that is left of the payment' }),
    reason: reasonText,
    cancelBooking: z
      .boolean()
      .default(false)
      .meta({ description: 'Also cancels the booking, if all that is left of the payment is refunded' }),
  }),
  bodyExample: { amount: 500, reason: 'The projector broke.' },
  answers: {
    201: {
      description: 'The refund',
      schema: requestedRefund,
      example: {
        ...refundExample,
        booking: {
          reference: 'K7QXM2PA',
          status: 'confirmed',
          paymentStatus: 'partially_refunded',
          refunded: 500,
        },
        offer: null,
      },
    },
  },
  problems: ['invalid_transition', 'nothing_to_refund', 'refund_exceeds_captured'],
})

export const changeStatus = operation({
  id: 'changeBookingStatus',
  method: 'post',
  path: '/v1/bookings/{reference}/status',
  tag,
  summary: 'Change the status by hand',
  description: '`confirmed` says that the money came in another way; `cancelled` cancels with a full refund.',
  access: 'bookingStaff',
  scope: 'bookings:manage',
  limit: 'write',
  noun,
  params: byReference,
  keyed: true,
  body: z.strictObject({ status: z.enum(BOOKING_STATUSES), reason: reasonText }),
  bodyExample: { status: 'confirmed', reason: 'Paid at the counter' },
  answers: { 200: { description: 'The booking', schema: booking, example: bookingExample } },
  problems: ['invalid_transition'],
})
