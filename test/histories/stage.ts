import fc from 'fast-check'
import { openLifecyclePool } from '@boxoffice/core/db/pools.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import type { Submission } from '@boxoffice/core/domain/booking-request.ts'
import type { BookingStatus } from '@boxoffice/core/domain/booking-status.ts'
import { manualProvider } from '@boxoffice/core/payments/manual.ts'
import { paymentProviders } from '@boxoffice/core/payments/providers.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { changeStatus } from '@boxoffice/core/bookings/change-status.ts'
import { closeResources } from '@boxoffice/core/bookings/close-resources.ts'
import { expireHolds } from '@boxoffice/core/bookings/expire-holds.ts'
import type { LifecycleDependencies } from '@boxoffice/core/bookings/lifecycle.ts'
import { giveBack, keepPlaces } from '@boxoffice/core/catalogue/blocks/keep-places.ts'
import { createEvent } from '@boxoffice/core/catalogue/create-event.ts'
import { createPromoCode } from '@boxoffice/core/catalogue/create-promo-code.ts'
import { createShowtime } from '@boxoffice/core/catalogue/create-showtime.ts'
import { handleLeftOverReports, receiveWebhook } from '@boxoffice/core/bookings/payments/receive-webhook.ts'
import { reconcilePayments } from '@boxoffice/core/bookings/payments/reconcile-payments.ts'
import { requestRefund } from '@boxoffice/core/bookings/payments/request-refund.ts'
import { sendDueRefunds } from '@boxoffice/core/bookings/payments/send-refunds.ts'
import { startPayment } from '@boxoffice/core/bookings/payments/start-payment.ts'
import { checkIn } from '@boxoffice/core/tickets/check-in.ts'
import { tokenOf } from '@boxoffice/core/tickets/show-tickets.ts'
import { readTickets } from '@boxoffice/core/tickets/queries/read-tickets.ts'
import { parseTicketKeys } from '@boxoffice/core/settings/ticket-keys.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { givenShowtime, type GivenShowtime } from '../support/catalogue.ts'
import type { TestDatabase } from '../support/database.ts'
import { type Engine, openEngine, seatsRequest, ticketsRequest } from '../support/engine.ts'
import { TEST_SECRETS } from '../support/tokens.ts'
import { HOUSE, newConcert, wishArbitrary, wishFor, type WayOfAsking } from './concert.ts'
import { violations } from './invariants.ts'
import { type BuyerAction, PlayedProvider } from '../support/played-provider.ts'
import { laneOf } from '../support/lanes.ts'
import { testLogger } from '../support/logger.ts'
import { isProblem } from '@boxoffice/core/use-case/problem.ts'
import { REFUSALS } from '../support/lifecycle.ts'

/** A step of a history. Numbers choose among what there is, counted round. */
export type Command =
  | {
      readonly kind: 'book'
      readonly customer: number
      readonly places: readonly number[]
      readonly promo: boolean
      readonly way: WayOfAsking
      /** `true` if staff book it for them, from a block if there is one. */
      readonly byStaff: boolean
    }
  | { readonly kind: 'pay'; readonly booking: number; readonly key: boolean }
  | { readonly kind: 'buy'; readonly payment: number; readonly action: BuyerAction }
  | { readonly kind: 'deliver'; readonly mail: number; readonly again: boolean }
  | { readonly kind: 'expire'; readonly booking: number }
  | { readonly kind: 'cancel'; readonly booking: number; readonly by: 'owner' | 'staff' }
  | { readonly kind: 'status'; readonly booking: number; readonly status: BookingStatus }
  | { readonly kind: 'refund'; readonly booking: number; readonly percent: number; readonly cancel: boolean }
  | { readonly kind: 'check_in'; readonly booking: number; readonly ticket: number; readonly nonce: number }
  | { readonly kind: 'outage'; readonly when: 'before' | 'after' }
  | { readonly kind: 'keep'; readonly places: readonly number[]; readonly standing: number }
  | { readonly kind: 'give_back'; readonly block: number }
  | { readonly kind: 'maintain' }
  | { readonly kind: 'end' }

const small = fc.nat({ max: 5 })

const bookCommand = fc.record({
  kind: fc.constant('book' as const),
  customer: fc.nat({ max: 2 }),
  places: fc.uniqueArray(fc.nat({ max: 3 }), { minLength: 1, maxLength: 2 }),
  promo: fc.boolean(),
  way: wishArbitrary,
  byStaff: fc.nat({ max: 4 }).map((one) => one === 0),
})

const commandArbitrary: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: bookCommand },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('pay' as const), booking: small, key: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('buy' as const),
      payment: small,
      action: fc.constantFrom<BuyerAction>(
        'approve',
        'approve',
        'approve',
        'approve_closed',
        'process',
        'decline',
        'fail',
        'approve_wrong_amount',
      ),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('deliver' as const), mail: small, again: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('expire' as const), booking: small }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('cancel' as const),
      booking: small,
      by: fc.constantFrom<'owner' | 'staff'>('owner', 'staff'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('status' as const),
      booking: small,
      status: fc.constantFrom<BookingStatus>('confirmed', 'completed', 'no_show', 'cancelled', 'pending'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('refund' as const),
      booking: small,
      percent: fc.constantFrom(10, 50, 100, 150),
      cancel: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('check_in' as const),
      booking: small,
      ticket: fc.nat({ max: 1 }),
      nonce: fc.nat({ max: 1 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('outage' as const),
      when: fc.constantFrom<'before' | 'after'>('before', 'after'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('keep' as const),
      places: fc.uniqueArray(fc.nat({ max: 3 }), { maxLength: 2 }),
      standing: fc.nat({ max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('give_back' as const), block: small }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'maintain' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'end' as const }) },
)

/** Half of the histories begin with a booking that is paid, so that they get further. */
export const historyArbitrary: fc.Arbitrary<Command[]> = fc
  .tuple(fc.boolean(), bookCommand, fc.array(commandArbitrary, { minLength: 3, maxLength: 15 }))
  .map(([paid, book, rest]) => {
    const beginning: Command[] = [
      book,
      { kind: 'pay', booking: 0, key: false },
      { kind: 'buy', payment: 0, action: 'approve' },
      { kind: 'deliver', mail: 0, again: true },
    ]
    return paid ? [...beginning, ...rest] : rest
  })

/** A database with one house, in which plays are given. */
export interface Stage {
  newPlay(): Promise<Play>
  close(): Promise<void>
}

export async function openStage(db: TestDatabase): Promise<Stage> {
  const engine = openEngine(db)
  const database = openLifecyclePool(db.url, 4, testLogger)
  const house = await givenShowtime(db.database, HOUSE)
  let plays = 0
  return {
    newPlay: async () => {
      plays += 1
      const sort = (['showtime', 'event', 'concert'] as const)[plays % 3] ?? 'showtime'
      const provider = new PlayedProvider()
      const deps: LifecycleDependencies = {
        database,
        logger: testLogger,
        providers: paymentProviders(provider, manualProvider),
        announce: () => undefined,
      }
      return new Play({ db, engine, deps, provider, house, ...(await newResource(db, house, sort, plays)) })
    },
    close: async () => {
      await Promise.all([engine.close(), database.close()])
    },
  }
}

type Sort = 'showtime' | 'event' | 'concert'

interface Resource {
  readonly sort: Sort
  readonly kind: 'showtime' | 'event'
  readonly resourceId: string
  readonly ticketTypeIds: readonly string[]
  readonly promoCode: string
}

/**
 * Creates a showtime of the house, four tickets of which one customer may have three, or a concert in the house; and a
 * promo code for two bookings.
 */
async function newResource(db: TestDatabase, house: GivenShowtime, sort: Sort, play: number): Promise<Resource> {
  const { organizerId, movieId, auditoriumId, categoryIds } = house
  const startsAt = new Date(Date.now() + 3_600_000)
  const common = {
    actor: 'test',
    requestId: null,
    organizerId,
    lanes: 1,
    lane: 0,
    startsAt,
    currency: 'EUR',
    holdTtlMs: 240_000,
  }
  return inTransaction(db.database, async (tx) => {
    const promoCode = `HALF${play}`
    let resource: Resource
    if (sort === 'showtime') {
      const prices = categoryIds.map((categoryId) => ({ categoryId, price: 1_000 }))
      const show = { ...common, movieId, auditoriumId, status: 'active' as const, prices }
      const { showtimeId } = await createShowtime(tx, show)
      resource = { sort, kind: 'showtime', resourceId: showtimeId, ticketTypeIds: [], promoCode }
    } else if (sort === 'concert') {
      const { eventId, ticketTypeIds } = await newConcert(tx, common, house)
      resource = { sort, kind: 'event', resourceId: eventId, ticketTypeIds, promoCode }
    } else {
      const { eventId, ticketTypeIds } = await createEvent(tx, {
        ...common,
        title: 'An Event',
        venue: 'The Hall',
        timeZone: 'UTC',
        endsAt: new Date(startsAt.getTime() + 3_600_000),
        status: 'published',
        ticketTypes: [{ name: 'Standing', price: 1_000, capacity: 4, maxPerCustomer: 3 }],
      })
      resource = { sort, kind: 'event', resourceId: eventId, ticketTypeIds, promoCode }
    }
    await createPromoCode(tx, {
      actor: 'test',
      requestId: null,
      organizerId,
      code: promoCode,
      kind: 'percent',
      value: 5_000,
      maxRedemptions: 2,
      maxPerCustomer: 1,
      resourceIds: [resource.resourceId],
    })
    return resource
  })
}

/** Good reasons to refuse a step, beside those of a booking's life. */
const MORE_REFUSALS = ['payment_provider_refused', 'payment_provider_unavailable', 'in_use'] as const

const ticketKeys = parseTicketKeys(TEST_SECRETS.TICKET_KEYS)

interface Booked {
  readonly id: string
  readonly reference: string
  readonly owner: string
}

type Setting = Resource & {
  readonly db: TestDatabase
  readonly engine: Engine
  readonly deps: LifecycleDependencies
  readonly provider: PlayedProvider
  readonly house: GivenShowtime
}

/** One history in the making. */
export class Play {
  readonly #set: Setting
  readonly #bookings: Booked[] = []
  readonly #payments: string[] = []

  constructor(set: Setting) {
    this.#set = set
  }

  /** Performs the command. A refusal for a good reason is fine. */
  async perform(command: Command): Promise<void> {
    try {
      await this.#perform(command)
    } catch (error) {
      if (!isProblem(error, ...REFUSALS, ...MORE_REFUSALS)) throw error
    }
  }

  async #perform(command: Command): Promise<void> {
    const { deps, provider, resourceId } = this.#set
    switch (command.kind) {
      case 'book':
        return this.#book(command)
      case 'pay': {
        const booking = pick(this.#bookings, command.booking)
        if (booking === undefined) return
        const { reference, owner } = booking
        const key = { owner, key: `${reference}`, operation: 'pay', bodyHash: Buffer.alloc(32) }
        const keyed = command.key ? key : null
        try {
          const caller = customer(owner)
          await startPayment(deps, { reference, caller, requestId: 'test', returnUrl: null, keyed })
        } finally {
          await this.#findPayments()
        }
        return
      }
      case 'buy': {
        const payment = pick(this.#payments, command.payment)
        if (payment !== undefined) provider.play(payment, command.action)
        return
      }
      case 'deliver':
        return this.#deliver(command.mail, command.again)
      case 'expire': {
        const booking = pick(this.#bookings, command.booking)
        if (booking === undefined) return
        await this.#sql(
          `update bookings set expires_at = now() - interval '1 second' where id = $1 and status = 'pending'`,
          booking.id,
        )
        await expireHolds(deps)
        return
      }
      case 'cancel': {
        const booking = pick(this.#bookings, command.booking)
        if (booking === undefined) return
        const { reference, owner } = booking
        const caller = command.by === 'owner' ? customer(owner) : this.#staff()
        await cancelBooking(deps, { reference, caller, requestId: 'test', keyed: null })
        return
      }
      case 'status': {
        const booking = pick(this.#bookings, command.booking)
        if (booking === undefined) return
        const { status } = command
        const change = { reference: booking.reference, caller: this.#staff(), requestId: 'test', status, reason: 'so' }
        await changeStatus(deps, { ...change, keyed: null })
        return
      }
      case 'refund': {
        const booking = pick(this.#bookings, command.booking)
        if (booking === undefined) return
        const amount = Math.ceil((1_030 * command.percent) / 100)
        const { reference } = booking
        const order = {
          reference,
          caller: this.#staff(),
          requestId: 'test',
          reason: 'so',
          cancelBooking: command.cancel,
        }
        await requestRefund(deps, { ...order, amount: command.percent === 100 ? undefined : amount, keyed: null })
        return
      }
      case 'check_in':
        return this.#checkIn(command)
      case 'outage':
        provider.failures.push(command.when)
        return
      case 'keep':
        return this.#keep(command)
      case 'give_back': {
        const [places, block] = [null, pick(await this.#blocks(), command.block)]
        if (block === undefined) return
        await inTransaction(deps.database, (tx) => giveBack(tx, { ...this.#staffChange(), blockId: block.id, places }))
        return
      }
      case 'maintain':
        return this.#maintain()
      case 'end':
        await this.#sql(`update showtimes set starts_at = now() - interval '1 day' where id = $1`, resourceId)
        await this.#sql(
          `update events set starts_at = now() - interval '2 days', ends_at = now() - interval '1 day' where id = $1`,
          resourceId,
        )
        await closeResources(deps, 0)
        return
    }
  }

  async #book({ customer: number, promo, ...wanted }: Extract<Command, { kind: 'book' }>): Promise<void> {
    const { engine, resourceId, promoCode } = this.#set
    const owner = `${resourceId}-${number}`
    const payload = {
      customer: { name: 'Ada', email: 'ada@example.org' },
      ...(promo && { promoCode }),
    }
    const by = { owner, customerKeys: [`o:${owner}`], idempotencyKey: null, payload }
    const { view } = await engine.line.accept(await this.#submission(wanted, by))
    await engine.decideWaiting(laneOf({ view }))
    const decided = await engine.line.find(view.id)
    const reference = decided?.view.booking?.reference
    if (reference === undefined) return
    const rows = await this.#sql<{ id: string }>('select id from bookings where reference = $1', reference)
    this.#bookings.push({ id: rows[0]?.id ?? '', reference, owner })
  }

  async #submission(
    { places, way, byStaff }: Pick<Extract<Command, { kind: 'book' }>, 'places' | 'way' | 'byStaff'>,
    by: Partial<Submission> & Pick<Submission, 'payload'>,
  ): Promise<Submission> {
    const { sort, resourceId, house, ticketTypeIds } = this.#set
    if (sort === 'showtime') {
      return seatsRequest(
        resourceId,
        places.map((place) => house.seats[place] ?? ''),
        by,
      )
    }
    const [ticketTypeId = ''] = ticketTypeIds
    if (sort === 'event') return ticketsRequest(resourceId, [{ ticketTypeId, quantity: places.length }], by)
    const block = byStaff ? pick(await this.#blocks(), 0) : undefined
    const seller = byStaff ? { seller: 'house' as const, ...(block !== undefined && { blockId: block.id }) } : {}
    const payload = { ...by.payload, ...seller, ...wishFor(way, places, house, ticketTypeIds) }
    return { ...ticketsRequest(resourceId, [], by), payload }
  }

  async #keep({ places, standing }: Extract<Command, { kind: 'keep' }>): Promise<void> {
    const { sort, deps, house } = this.#set
    if (sort === 'event') return
    const seats = places.map((place) => house.seats[place] ?? '')
    const areas = standing === 0 ? [] : [{ area: 'Floor', quantity: standing }]
    if (seats.length + areas.length === 0) return
    const block = { seats, areas, reason: 'so', keyed: null }
    await inTransaction(deps.database, (tx) => keepPlaces(tx, { ...this.#staffChange(), ...block }))
  }

  #blocks(): Promise<{ id: string }[]> {
    return this.#sql<{ id: string }>('select id from blocks where resource_id = $1 order by id', this.#set.resourceId)
  }

  #staffChange() {
    const { kind, resourceId, house } = this.#set
    return { actor: 'staff', requestId: 'test', organizerId: house.organizerId, kind, resourceId }
  }

  async #deliver(index: number, again: boolean): Promise<void> {
    const { deps, provider } = this.#set
    const report = pick(provider.mailbox, index)
    if (report === undefined) return
    if (!again) provider.mailbox.splice(provider.mailbox.indexOf(report), 1)
    await receiveWebhook(deps, provider, Buffer.from(JSON.stringify(report)), {})
  }

  async #checkIn({ booking: number, ticket, nonce }: Extract<Command, { kind: 'check_in' }>): Promise<void> {
    const { deps } = this.#set
    const booking = pick(this.#bookings, number)
    if (booking === undefined || ticketKeys === null) return
    const found = pick(await readTickets(deps.database.pool, booking.id), ticket)
    if (found === undefined) return
    const scan = { token: tokenOf(ticketKeys, found), nonce: `${nonce}`, gate: 'A', device: 'A' }
    const complete = { ...scan, resourceId: null, scannedAt: null }
    await checkIn({ database: deps.database, ticketKeys }, complete, this.#staff(), 'test')
  }

  async #maintain(): Promise<void> {
    const { deps } = this.#set
    await this.#sql(
      'update payments set reconcile_at = now() where reconcile_at is not null and $1::text is not null',
      '',
    )
    await this.#sql('update refunds set send_at = now() where send_at is not null and $1::text is not null', '')
    await this.#sql(
      `update provider_inbox set received_at = now() - interval '1 day' where handled_at is null and $1::text is not null`,
      '',
    )
    await handleLeftOverReports(deps)
    await reconcilePayments(deps)
    await sendDueRefunds(deps)
  }

  /** Lets the provider work again, delivers all reports, and runs every query that is due. */
  async settle(): Promise<void> {
    const { provider } = this.#set
    provider.failures.length = 0
    while (provider.mailbox.length > 0) await this.#deliver(0, false)
    for (let round = 0; round < 2; round += 1) await this.#maintain()
  }

  violations(): Promise<string[]> {
    return violations(this.#set.db.database, this.#set.resourceId)
  }

  /**
   * Returns one sentence for each payment whose amounts differ from the provider's, or whose money is neither for a
   * booking nor back with its buyer.
   */
  async moneyAstray(): Promise<string[]> {
    const { provider } = this.#set
    const astray: string[] = []
    for (const [paymentId, page] of provider.pages) {
      const [payment] = await this.#sql<{ captured: number; refunded: number; reserved: number; paying: boolean }>(
        `select p.captured, p.refunded, p.reserved, b.paid_by is not distinct from p.id as paying
         from payments p join bookings b on b.id = p.booking_id where p.id = $1`,
        paymentId,
      )
      const taken = page.captured?.amount ?? 0
      const returned = provider.returnedOf(paymentId)
      if (payment === undefined) astray.push(`payment ${paymentId} is gone`)
      else if (payment.captured !== taken) astray.push(`took ${taken}, we know of ${payment.captured}`)
      else if (payment.refunded !== returned) astray.push(`gave back ${returned}, we know of ${payment.refunded}`)
      else if (payment.reserved !== 0) astray.push(`${payment.reserved} are still promised`)
      else if (!payment.paying && returned !== taken) astray.push(`${taken} taken for nothing, ${returned} given back`)
    }
    return astray
  }

  /** Returns the types of the events of this play and its bookings, and what was booked in them. */
  async kindsSeen(): Promise<string[]> {
    const rows = await this.#sql<{ type: string }>(
      `select distinct o.type from bookings b join outbox o on o.entity_id = b.id where b.resource_id = $1
       union select type from outbox where entity_id = $1
       union select case when seat_label is not null then 'a seat' when area_label is not null then 'a place' else 'a ticket' end
           || coalesce(' at the rate ' || rate, '')
         from bookings b join booking_items i on i.booking_id = b.id where b.resource_id = $1`,
      this.#set.resourceId,
    )
    return rows.map(({ type }) => type)
  }

  #staff(): Caller {
    return {
      subject: 'staff',
      role: 'organizer',
      organizerId: this.#set.house.organizerId,
      guest: false,
      scopes: null,
      bookingId: null,
    }
  }

  async #findPayments(): Promise<void> {
    const rows = await this.#sql<{ id: string }>(
      'select p.id from bookings b join payments p on p.booking_id = b.id where b.resource_id = $1 order by p.id',
      this.#set.resourceId,
    )
    this.#payments.splice(0, Infinity, ...rows.map(({ id }) => id))
  }

  async #sql<Row extends object>(text: string, value: string): Promise<Row[]> {
    return (await this.#set.db.database.pool.query<Row & Record<string, unknown>>(text, [value])).rows
  }
}

function customer(subject: string): Caller {
  return { subject, role: 'customer', organizerId: null, guest: false, scopes: null, bookingId: null }
}

function pick<T>(items: readonly T[], index: number): T | undefined {
  return items.length === 0 ? undefined : items[index % items.length]
}
