import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { RefundReport } from '@boxoffice/core/payments/provider.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { changeStatus } from '@boxoffice/core/bookings/change-status.ts'
import { expireHolds } from '@boxoffice/core/bookings/expire-holds.ts'
import { requestRefund } from '@boxoffice/core/bookings/payments/request-refund.ts'
import { sendRefund } from '@boxoffice/core/bookings/payments/send-refunds.ts'
import { isProblem } from '@boxoffice/core/use-case/problem.ts'
import { givenEvent, type GivenEvent } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { ticketsRequest } from '../support/engine.ts'
import {
  buyerOf,
  closeLifecycles,
  givenBooking,
  type GivenBooking,
  type Lifecycle,
  openLifecycle,
  REFUSALS,
  runOutOfTime,
  staffOf,
  startPaying,
} from '../support/lifecycle.ts'
import { paymentNews } from '../support/lifecycle-provider.ts'

/*
 * One booking, several payments, and a provider that refuses refunds now and then. Whatever the order: the commit that
 * cancels the booking promises back all that is left of every payment, never more than was captured goes back, and what a
 * failed refund leaves can be sent back afterwards.
 */

const HISTORIES = 120

type Step =
  | { readonly kind: 'pay' }
  | { readonly kind: 'capture'; readonly payment: number; readonly wrong: boolean; readonly twice: boolean }
  | { readonly kind: 'confirm by hand' }
  | { readonly kind: 'expire' }
  | { readonly kind: 'answer refunds'; readonly report: RefundReport }
  | { readonly kind: 'send refunds' }
  | { readonly kind: 'refund'; readonly percent: number; readonly cancel: boolean }
  | { readonly kind: 'cancel'; readonly by: 'buyer' | 'staff' | 'status' }

const fails: RefundReport = { status: 'failed', reason: 'account closed' }
const completes: RefundReport = { status: 'completed' }

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'pay' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('capture' as const),
      payment: fc.nat({ max: 3 }),
      wrong: fc.boolean(),
      twice: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'confirm by hand' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'expire' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('answer refunds' as const), report: fc.constantFrom(fails, completes) }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'send refunds' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('refund' as const),
      percent: fc.constantFrom(30, 100),
      cancel: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('cancel' as const),
      by: fc.constantFrom('buyer' as const, 'staff' as const, 'status' as const),
    }),
  },
)

/** Half of them begin with what is rare by chance: paid twice, and the second payment could not go back. */
const historyArbitrary = fc
  .tuple(fc.boolean(), fc.array(stepArbitrary, { minLength: 4, maxLength: 14 }))
  .map(([paidTwice, rest]): readonly Step[] => [
    { kind: 'pay' },
    ...(paidTwice
      ? ([
          { kind: 'confirm by hand' },
          { kind: 'answer refunds', report: fails },
          { kind: 'capture', payment: 0, wrong: false, twice: false },
          { kind: 'send refunds' },
        ] as const)
      : []),
    ...rest,
  ])

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterEach(closeLifecycles)
afterAll(() => db.drop())

it(`${HISTORIES} histories of payments and refunds: a cancelled booking keeps nothing`, async () => {
  const event = await givenEvent(db.database)
  const lifecycle = openLifecycle(db)
  const seen = { cancelled: 0, keptByFailure: 0 }
  await fc.assert(
    fc.asyncProperty(historyArbitrary, async (history) => {
      const play = new Play(lifecycle, await book(event))
      for (const step of history) {
        const before = await play.read()
        await play.perform(step)
        const after = await play.read()
        for (const { captured, refunded, reserved } of after.payments) {
          expect(refunded + reserved).toBeLessThanOrEqual(captured)
        }
        if (before.status !== 'cancelled' && after.status === 'cancelled') {
          seen.cancelled += 1
          if (before.payments.some((payment) => !payment.paid && leftOf(payment) > 0)) seen.keptByFailure += 1
          expect(after.payments.filter((payment) => leftOf(payment) > 0 && !mayKeep(step, payment))).toEqual([])
        }
      }
      await play.sendAllBack()
      const { status, payments } = await play.read()
      for (const { captured, refunded, reserved } of payments) {
        expect(reserved).toBe(0)
        if (status === 'cancelled') expect(refunded).toBe(captured)
      }
    }),
    { numRuns: HISTORIES },
  )
  // A generator that never gets there would prove nothing.
  expect(seen.cancelled).toBeGreaterThan(10)
  expect(seen.keptByFailure).toBeGreaterThan(5)
}, 300_000)

interface PaymentAsStored {
  readonly captured: number
  readonly refunded: number
  readonly reserved: number
  /** It confirmed the booking. */
  readonly paid: boolean
}

const leftOf = ({ captured, refunded, reserved }: PaymentAsStored) => captured - refunded - reserved

/** A buyer's cancellation goes by the terms of the booking, which keep the fee; of the payment that paid for it alone. */
const mayKeep = (step: Step, { paid }: PaymentAsStored) => step.kind === 'cancel' && step.by === 'buyer' && paid

function book({ eventId, ticketTypeIds }: GivenEvent): Promise<GivenBooking> {
  const [ticketTypeId = ''] = ticketTypeIds
  return givenBooking(db, ticketsRequest(eventId, [{ ticketTypeId, quantity: 1 }]))
}

class Play {
  readonly #lifecycle: Lifecycle
  readonly #booking: GivenBooking
  readonly #payments: string[] = []

  constructor(lifecycle: Lifecycle, booking: GivenBooking) {
    this.#lifecycle = lifecycle
    this.#booking = booking
    lifecycle.provider.answerRefunds(completes)
  }

  /** Performs a step. A refusal is fine: not everything can be done at any time. */
  async perform(step: Step): Promise<void> {
    try {
      await this.#perform(step)
    } catch (error) {
      if (!isProblem(error, ...REFUSALS)) throw error
    }
  }

  async #perform(step: Step): Promise<void> {
    const lifecycle = this.#lifecycle
    const { provider } = lifecycle
    const { id, reference, total } = this.#booking
    const call = { reference, caller: staffOf(this.#booking, 'organizer'), requestId: 'test', keyed: null }
    switch (step.kind) {
      case 'pay': {
        const { paymentId } = await startPaying(lifecycle, this.#booking)
        if (!this.#payments.includes(paymentId)) this.#payments.push(paymentId)
        return
      }
      case 'capture': {
        const paymentId = this.#payments[step.payment % Math.max(1, this.#payments.length)]
        if (paymentId === undefined) return
        const captured = { amount: step.wrong ? total - 1 : total, currency: 'EUR' }
        for (let told = 0; told < (step.twice ? 2 : 1); told += 1) {
          await lifecycle.receive(paymentNews(paymentId, { status: 'completed', captured }))
        }
        return
      }
      case 'confirm by hand':
        await changeStatus(lifecycle, { ...call, status: 'confirmed', reason: 'At the counter' })
        return
      case 'expire':
        await runOutOfTime(db, id)
        await expireHolds(lifecycle)
        return
      case 'answer refunds':
        return provider.answerRefunds(step.report)
      case 'send refunds':
        return this.#send()
      case 'refund': {
        const amount = step.percent === 100 ? undefined : Math.ceil((total * step.percent) / 100)
        await requestRefund(lifecycle, { ...call, amount, reason: 'Sorry', cancelBooking: step.cancel })
        return
      }
      case 'cancel':
        if (step.by === 'status') await changeStatus(lifecycle, { ...call, status: 'cancelled', reason: 'Off' })
        else await cancelBooking(lifecycle, step.by === 'buyer' ? { ...call, caller: buyerOf(this.#booking) } : call)
    }
  }

  /** Sends back what is left of a cancelled booking until there is nothing, with a provider that takes every refund. */
  async sendAllBack(): Promise<void> {
    this.#lifecycle.provider.answerRefunds(completes)
    await this.#send()
    const { status, payments } = await this.read()
    if (status !== 'cancelled') return
    for (const payment of payments) {
      if (leftOf(payment) > 0) await this.perform({ kind: 'refund', percent: 100, cancel: false })
    }
    await this.#send()
  }

  /** Sends what was promised, each by its id: what was promised in this very millisecond is not due to be found yet. */
  async #send(): Promise<void> {
    const { rows } = await db.database.pool.query<{ id: string }>(
      'select id from refunds where booking_id = $1 and send_at is not null order by id',
      [this.#booking.id],
    )
    for (const { id } of rows) await sendRefund(this.#lifecycle, id)
  }

  async read(): Promise<{ readonly status: string; readonly payments: readonly PaymentAsStored[] }> {
    const { rows } = await db.database.pool.query<{ status: string; payments: PaymentAsStored[] }>(
      `select status, coalesce((select json_agg(json_build_object('captured', p.captured, 'refunded', p.refunded,
           'reserved', p.reserved, 'paid', p.id is not distinct from b.paid_by) order by p.id)
         from payments p where p.booking_id = b.id), '[]') as payments
       from bookings b where b.id = $1`,
      [this.#booking.id],
    )
    const [row] = rows
    if (row === undefined) throw new Error('the booking is gone')
    return row
  }
}
