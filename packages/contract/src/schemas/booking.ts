import { z } from 'zod'
import { BOOKING_STATUSES, PAYMENT_STATUSES } from '@boxoffice/core/domain/booking-status.ts'
import { CANCEL_REASONS } from '@boxoffice/core/domain/cancellation.ts'
import { PAYMENT_FAILURES } from '@boxoffice/core/domain/payment.ts'
import { amount, currency, id, instant } from '@boxoffice/core/fields/values.ts'
import { reference } from '../fields.ts'
import { placeExample, placeFields } from './place.ts'
import { metadata } from './selection.ts'

const payment = z
  .strictObject({
    id,
    provider: z.string().meta({ example: 'stripe' }),
    status: z.enum(PAYMENT_STATUSES),
    amount,
    currency,
    captured: amount.meta({ description: 'Amount taken, in `capturedCurrency`' }),
    capturedCurrency: currency.nullable().meta({
      description: 'Differs from `currency` if the provider took another one; `null` while nothing was taken',
    }),
    refunded: amount,
    declines: z.int().min(0).meta({ description: 'Number of declined cards' }),
    failure: z.enum(PAYMENT_FAILURES).nullable(),
    createdAt: instant,
  })
  .meta({ id: 'Payment' })

const refundFields = {
  id,
  paymentId: id,
  amount,
  currency,
  status: z.enum(['pending', 'completed', 'failed']),
  reason: z.string(),
  failure: z.string().nullable(),
  createdAt: instant,
}

const refund = z.strictObject(refundFields).meta({ id: 'Refund' })

export const booking = z
  .strictObject({
    reference,
    requestId: id.meta({ description: 'Booking request that became this booking' }),
    status: z.enum(BOOKING_STATUSES),
    paymentStatus: z.enum(PAYMENT_STATUSES),
    resource: z.strictObject({
      type: z.enum(['showtime', 'event']),
      id,
      title: z.string(),
      venue: z.string(),
      address: z.string(),
      auditorium: z.string().nullable(),
      timeZone: z.string(),
      startsAt: instant,
      endsAt: instant,
    }),
    lines: z.array(
      z.strictObject({
        ...placeFields,
        categoryId: id.nullable(),
        ticketTypeId: id.nullable(),
        name: z.string().meta({ description: 'Name of the ticket type, or of the category of the seat or area' }),
        quantity: z.int().min(1),
        unitPrice: amount,
        discount: amount,
      }),
    ),
    currency,
    subtotal: amount,
    discount: amount,
    fee: amount,
    total: amount.meta({ description: 'subtotal − discount + fee' }),
    refunded: amount.meta({ description: 'Refunded of all payments together' }),
    customer: z.strictObject({ name: z.string(), email: z.string(), phone: z.string().nullable() }),
    metadata,
    expiresAt: instant.nullable().meta({ description: 'End of the hold while the booking is pending' }),
    createdAt: instant,
    confirmedAt: instant.nullable(),
    cancelledAt: instant.nullable(),
    cancelReason: z.enum(CANCEL_REASONS).nullable(),
    payments: z.array(payment).meta({ description: 'Oldest first' }),
    refunds: z.array(refund).meta({ description: 'Oldest first' }),
  })
  .meta({ id: 'Booking' })

/** Example of a refund, beside its fields. */
export const refundExample = {
  id: '01890000-0000-7000-8000-000000000041',
  paymentId: '01890000-0000-7000-8000-000000000040',
  amount: 500,
  currency: 'EUR',
  status: 'completed',
  reason: 'The projector broke.',
  failure: null,
  createdAt: '2026-12-24T21:00:00.000Z',
}

/** Example of a booking, beside its fields. */
export const bookingExample = {
  reference: 'K7QXM2PA',
  requestId: '01890000-0000-7000-8000-000000000010',
  status: 'confirmed',
  paymentStatus: 'partially_refunded',
  resource: {
    type: 'showtime',
    id: '01890000-0000-7000-8000-000000000001',
    title: 'The Third Man',
    venue: 'Farol Cinema',
    address: 'Rua do Farol 1, Lisboa',
    auditorium: 'One',
    timeZone: 'Europe/Lisbon',
    startsAt: '2026-12-24T20:00:00.000Z',
    endsAt: '2026-12-24T21:44:00.000Z',
  },
  lines: [
    {
      ...placeExample,
      categoryId: '01890000-0000-7000-8000-000000000002',
      ticketTypeId: null,
      name: 'Standard',
      quantity: 1,
      unitPrice: 1200,
      discount: 0,
    },
  ],
  currency: 'EUR',
  subtotal: 1200,
  discount: 0,
  fee: 36,
  total: 1236,
  refunded: 500,
  customer: { name: 'Ada Lovelace', email: 'ada@example.com', phone: null },
  metadata: { order: 'A-1042' },
  expiresAt: null,
  createdAt: '2026-11-22T18:00:00.040Z',
  confirmedAt: '2026-11-22T18:02:11.000Z',
  cancelledAt: null,
  cancelReason: null,
  payments: [
    {
      id: '01890000-0000-7000-8000-000000000040',
      provider: 'stripe',
      status: 'partially_refunded',
      amount: 1236,
      currency: 'EUR',
      captured: 1236,
      capturedCurrency: 'EUR',
      refunded: 500,
      declines: 0,
      failure: null,
      createdAt: '2026-11-22T18:01:02.000Z',
    },
  ],
  refunds: [refundExample],
}

export const startedPayment = z
  .strictObject({
    paymentId: id,
    status: z.enum(PAYMENT_STATUSES),
    checkoutUrl: z
      .string()
      .nullable()
      .meta({ description: 'Page to send the buyer to; null once the payment is over' }),
  })
  .meta({ id: 'StartedPayment' })

export const requestedRefund = z
  .strictObject({
    ...refundFields,
    booking: z.strictObject({
      reference,
      status: z.enum(BOOKING_STATUSES),
      paymentStatus: z.enum(PAYMENT_STATUSES),
      refunded: amount,
    }),
    offer: z
      .strictObject({ action: z.literal('cancel'), href: z.string() })
      .nullable()
      .meta({ description: 'Present if everything was refunded and the places are still taken' }),
  })
  .meta({ id: 'RequestedRefund' })
