import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BOOKING_STATUSES,
  BOOKING_TRANSITIONS,
  type BookingStatus,
  canTransition,
  PAYMENT_TRANSITIONS,
  type PaymentStatus,
} from '@boxoffice/core/domain/booking-status.ts'
import { CANCEL_REASONS, isReinstatable } from '@boxoffice/core/domain/cancellation.ts'
import {
  bookingPaymentStatus,
  type BookingState,
  inRefundOrder,
  type PaymentReport,
  type PaymentState,
  refundable,
  settlePayment,
  statusAfterRefund,
} from '@boxoffice/core/domain/payment.ts'

const pending: PaymentState = { status: 'pending', amount: 1_030, currency: 'EUR', captured: 0 }
const waiting: BookingState = { status: 'pending', cancelReason: null }
const completed: PaymentReport = { status: 'completed', captured: { amount: 1_030, currency: 'EUR' } }
const failed: PaymentReport = { status: 'failed', reason: 'card' }

describe('a completed payment', () => {
  test.each<[BookingState, object]>([
    [waiting, { action: 'confirm' }],
    [{ status: 'cancelled', cancelReason: 'expired' }, { action: 'reinstate' }],
    [{ status: 'cancelled', cancelReason: 'payment_failed' }, { action: 'reinstate' }],
    [
      { status: 'cancelled', cancelReason: 'customer' },
      { action: 'refund', reason: 'booking_cancelled' },
    ],
    [
      { status: 'cancelled', cancelReason: 'organizer' },
      { action: 'refund', reason: 'booking_cancelled' },
    ],
    [
      { status: 'confirmed', cancelReason: null },
      { action: 'refund', reason: 'paid_twice' },
    ],
    [
      { status: 'completed', cancelReason: null },
      { action: 'refund', reason: 'paid_twice' },
    ],
    [
      { status: 'no_show', cancelReason: null },
      { action: 'refund', reason: 'paid_twice' },
    ],
  ])('of a booking that is %o: %o', (booking, settlement) => {
    expect(settlePayment(pending, booking, completed)).toEqual(settlement)
    // Money was taken, whatever was believed before.
    expect(settlePayment({ ...pending, status: 'failed' }, booking, completed)).toEqual(settlement)
  })

  test.each([
    { amount: 1_029, currency: 'EUR' },
    { amount: 1_031, currency: 'EUR' },
    { amount: 1_030, currency: 'USD' },
    { amount: 0, currency: 'EUR' },
  ])('of another amount or currency, %o, is refused, whatever the booking is', (captured) => {
    for (const status of BOOKING_STATUSES) {
      const booking = { status, cancelReason: null }
      expect(settlePayment(pending, booking, { status: 'completed', captured })).toEqual({ action: 'refuse' })
    }
  })

  test('counts once', () => {
    for (const report of [completed, failed, { status: 'processing' } as const]) {
      expect(settlePayment({ ...pending, status: 'completed', captured: 1_030 }, waiting, report)).toEqual({
        action: 'ignore',
      })
    }
  })
})

test('a final failure takes a waiting booking with it, and no other', () => {
  expect(settlePayment(pending, waiting, failed)).toEqual({ action: 'fail', cancelsBooking: true })
  const confirmed = { status: 'confirmed', cancelReason: null } as const
  expect(settlePayment(pending, confirmed, failed)).toEqual({ action: 'fail', cancelsBooking: false })
  expect(settlePayment({ ...pending, status: 'failed' }, waiting, failed)).toEqual({ action: 'ignore' })
})

test('a declined card is not the end', () => {
  const declined: PaymentReport = { status: 'declined', reason: 'no money' }
  expect(settlePayment(pending, waiting, declined)).toEqual({ action: 'decline', reason: 'no money' })
  expect(settlePayment({ ...pending, status: 'failed' }, waiting, declined)).toEqual({ action: 'ignore' })
})

/** Returns the payment and its booking after a report, if the places are free whenever they are wanted again. */
function after(payment: PaymentState, booking: BookingState, report: PaymentReport): [PaymentState, BookingState] {
  const settlement = settlePayment(payment, booking, report)
  const change = (to: PaymentStatus): PaymentState => {
    if (to !== payment.status) expect(canTransition(PAYMENT_TRANSITIONS, payment.status, to)).toBe(true)
    return { ...payment, status: to, captured: to === 'completed' ? payment.amount : payment.captured }
  }
  switch (settlement.action) {
    case 'ignore':
    case 'decline':
      return [payment, booking]
    case 'process':
      return [change('processing'), booking]
    case 'fail':
      return [
        change('failed'),
        settlement.cancelsBooking ? { status: 'cancelled', cancelReason: 'payment_failed' } : booking,
      ]
    case 'confirm':
    case 'reinstate':
      return [change('completed'), { status: 'confirmed', cancelReason: null }]
    case 'refund':
      return [change('completed'), booking]
    case 'refuse':
      return [{ ...payment, status: 'failed', captured: 1 }, booking]
  }
}

test('duplicates and any order of reports end in the same state', () => {
  const report = fc.constantFrom<PaymentReport>(
    { status: 'open' },
    { status: 'processing' },
    { status: 'declined', reason: 'no money' },
    failed,
  )
  fc.assert(
    fc.property(fc.array(report, { maxLength: 8 }), fc.nat({ max: 8 }), fc.nat({ max: 8 }), (others, first, second) => {
      const history = [...others]
      history.splice(first, 0, completed)
      history.splice(second, 0, completed)
      let [payment, booking] = [pending, waiting]
      for (const item of history) [payment, booking] = after(payment, booking, item)
      expect(payment).toMatchObject({ status: 'completed', captured: 1_030 })
      expect(booking.status).toBe('confirmed')
    }),
  )
})

test('random commands never lead a booking out of its table', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...BOOKING_STATUSES), { maxLength: 30 }), (asked) => {
      let status: BookingStatus = 'pending'
      let changes = 0
      for (const to of asked) {
        if (!canTransition(BOOKING_TRANSITIONS, status, to)) continue
        status = to
        changes += 1
      }
      // From pending there are at most two steps to an end, whatever is asked.
      expect(changes).toBeLessThanOrEqual(2)
    }),
  )
})

test('only what ran out of time may come back', () => {
  expect(CANCEL_REASONS.filter(isReinstatable)).toEqual(['expired', 'payment_failed'])
})

describe('refunds', () => {
  test('leave what was neither refunded nor promised', () => {
    expect(refundable({ captured: 1_000, refunded: 300, reserved: 200 })).toBe(500)
  })

  test('change the payment once they are done', () => {
    expect(statusAfterRefund(1_000, 0)).toBe('completed')
    expect(statusAfterRefund(1_000, 1)).toBe('partially_refunded')
    expect(statusAfterRefund(1_000, 1_000)).toBe('refunded')
  })
})

test('a booking is paid as the payment that confirmed it, else as its last one', () => {
  const payments = [
    { id: 'a', status: 'completed' as const },
    { id: 'b', status: 'failed' as const },
  ]
  expect(bookingPaymentStatus(payments, 'a')).toBe('completed')
  expect(bookingPaymentStatus(payments, null)).toBe('failed')
  expect(bookingPaymentStatus([], null)).toBe('pending')
})

describe('the payment that is refunded first', () => {
  const older = { id: 'older', captured: 1_030, refunded: 0, reserved: 0 }
  const paying = { id: 'paying', captured: 1_030, refunded: 0, reserved: 0 }
  const gone = { id: 'gone', captured: 1_030, refunded: 1_000, reserved: 30 }

  test('would be another one than the one that paid, were it the oldest with something left: the control', () => {
    expect([older, paying].find((payment) => refundable(payment) > 0)).toBe(older)
  })

  test('is the one that paid, then the others as they come', () => {
    expect(inRefundOrder([older, gone, paying], 'paying')).toEqual([paying, older])
    expect(inRefundOrder([older, paying], null)).toEqual([older, paying])
    expect(inRefundOrder([older, gone], 'gone')).toEqual([older])
  })
})
