/**
 * Letting people in: one scan of a ticket admits.
 *
 * Keeps: a ticket admits once (its row lock; besides, `check_ins_admitted_once`), and none of a booking whose cancellation
 * has committed. I7.
 * Locks: booking → ticket; never the resource, so that a crowd at the gate and the line do not wait for each other.
 *
 * What is final is answered without a lock: a queue of people with one and the same copied ticket must not hold up the
 * others of its booking. The tempting wrong way is to decide to admit on that unlocked look too.
 *
 * A scan that repeats the nonce of another one and is not that one (`isSameScan`) is kept under the nonce and its time.
 */
import type { Database } from '../db/connect.ts'
import { and, desc, eq, sql } from '../db/drizzle.ts'
import { insertRecords } from '../records/queries/insert-records.ts'
import { findTicketAtGate, lockTicketAtGate, type TicketAtGate } from './queries/scanned-ticket.ts'
import { checkIns, tickets } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { type CheckInResult, decideCheckIn, isSameScan } from '../domain/check-in.ts'
import type { TicketKeys } from '../settings/ticket-keys.ts'
import { type TicketClaims, verifyTicketToken } from './ticket-token.ts'
import type { Caller } from '../access/tokens.ts'
import { partRecord } from '../records/booking-record.ts'
import { readNow, transact } from '../use-case/transact.ts'

export interface Scan {
  readonly token: string
  /** Chosen by the scanner for each scan; sent again with the same one, it is the same scan (`isSameScan`). */
  readonly nonce: string
  readonly gate: string
  /** `null` where the scanner does not name itself: the gate then stands for it. */
  readonly device: string | null
  /** Showtime or event behind this gate; `null` if the scanner does not say. */
  readonly resourceId: string | null
  /** Time of a scan that was made offline; `null` for now. */
  readonly scannedAt: Date | null
}

export interface ScanResult {
  readonly result: CheckInResult
  /** One sentence for the person at the gate. */
  readonly detail: string
  /** `null` for a forged ticket and for those of others' events. */
  readonly ticket: ScannedTicketView | null
  /** For a ticket that was used before: when and where. */
  readonly firstScan: { readonly at: string; readonly gate: string } | null
  /** A scan made offline has let somebody in whose ticket was used before, or void: a person should look at it. */
  readonly conflict: boolean
}

export interface ScannedTicketView {
  readonly id: string
  readonly status: 'issued' | 'checked_in' | 'void'
  readonly reference: string
  readonly resourceId: string
  readonly seat: string | null
  readonly section: string | null
  readonly row: string | null
  readonly number: string | null
  readonly area: string | null
  readonly rate: string | null
  readonly rateName: string | null
  readonly ticketTypeId: string | null
  readonly name: string
}

export interface CheckInDependencies {
  readonly database: Database
  readonly ticketKeys: TicketKeys
}

/** Checks in one scan for staff of the ticket's organizer, or an admin. Never throws for a bad ticket. */
export async function checkIn(
  { database, ticketKeys }: CheckInDependencies,
  scan: Scan,
  caller: Caller,
  requestId: string,
): Promise<ScanResult> {
  const claims = verifyTicketToken(ticketKeys, scan.token)
  const found = claims === null ? null : await findTicketAtGate(database.pool, claims.ticketId)
  if (claims === null || found === null || !isTheTicketOf(claims, found)) return told('forged', null, false)
  // Whose event it is instead is nobody's business here.
  if (caller.role !== 'admin' && caller.organizerId !== found.organizerId) return told('wrong_event', null, false)

  const offline = scan.scannedAt !== null
  const { ticket, result } = await transact(database, async (tx) => {
    const now = await readNow(tx)
    const scannedAt = scan.scannedAt ?? now
    const mightAdmit = decideCheckIn(found, scan.resourceId, scannedAt.getTime()) === 'admitted'
    const current = mightAdmit ? await lockTicketAtGate(tx, found) : found
    const made: Made = { ticketId: found.id, scan, actor: caller.subject, scannedAt }
    const { known, isNonceUsed } = await findScan(tx, made)
    if (known !== null) return { ticket: current, result: known }
    const decided = decideCheckIn(current, scan.resourceId, scannedAt.getTime())
    const recorded = await recordScan(tx, made, decided, isNonceUsed)
    if (!recorded) return { ticket: current, result: (await findScan(tx, made)).known ?? decided }
    if (decided !== 'admitted') return { ticket: current, result: decided }

    await tx.orm
      .update(tickets)
      .set({ status: 'checked_in', checkedInAt: scannedAt, checkedInGate: scan.gate })
      .where(eq(tickets.id, found.id))
    const facts = { ticketId: found.id, status: 'checked_in', gate: scan.gate, at: scannedAt } as const
    const cause = { actor: caller.subject, requestId }
    await insertRecords(tx, await readNow(tx), cause, [
      partRecord(found.bookingId, found.id, 'ticket.checked_in', { status: 'issued' }, facts),
    ])
    return { ticket: { ...current, status: 'checked_in' as const }, result: decided }
  })
  return told(result, ticket, offline)
}

/**
 * Returns whether the claims fit the ticket. A genuine token may not: signed by us before the database was restored,
 * say.
 */
function isTheTicketOf(claims: TicketClaims, ticket: TicketAtGate): boolean {
  return (
    claims.resourceId === ticket.resourceId &&
    claims.seat === ticket.seat &&
    (claims.area ?? null) === ticket.area &&
    claims.ticketTypeId === ticket.ticketTypeId
  )
}

type Recorded = Exclude<CheckInResult, 'forged'>

interface Made {
  readonly ticketId: string
  readonly scan: Scan
  readonly actor: string
  readonly scannedAt: Date
}

/** Separates a nonce that was used before from the time of the scan; no nonce holds it. */
const AGAIN = '\n'

/** Scans of one ticket with one nonce that are looked at, the latest first. */
const MAX_WITH_NONCE = 100

/** Finds out whether the scan is one that was made before (`known`: its result), and whether its nonce was used before. */
async function findScan(
  tx: Transaction,
  { ticketId, scan, actor, scannedAt }: Made,
): Promise<{ readonly known: Recorded | null; readonly isNonceUsed: boolean }> {
  const { device, nonce, gate } = scan
  const rows = await tx.orm
    .select({ result: checkIns.result, actor: checkIns.actor, scannedAt: checkIns.scannedAt })
    .from(checkIns)
    .where(
      and(
        eq(checkIns.ticketId, ticketId),
        eq(checkIns.device, device ?? gate),
        sql`(${checkIns.nonce} = ${nonce} or starts_with(${checkIns.nonce}, ${nonce + AGAIN}))`,
      ),
    )
    .orderBy(desc(checkIns.scannedAt))
    .limit(MAX_WITH_NONCE)
  const again = {
    scannedAtMs: scannedAt.getTime(),
    actor,
    namesDevice: device !== null,
    offline: scan.scannedAt !== null,
  }
  const same = rows.find((row) => isSameScan({ scannedAtMs: row.scannedAt.getTime(), actor: row.actor }, again))
  return { known: same?.result ?? null, isNonceUsed: rows.length > 0 }
}

/** Returns `false` where the same scan was recorded meanwhile. */
async function recordScan(
  tx: Transaction,
  { ticketId, scan, actor, scannedAt }: Made,
  result: Recorded,
  isNonceUsed: boolean,
): Promise<boolean> {
  const { device, gate } = scan
  const nonce = isNonceUsed ? `${scan.nonce}${AGAIN}${scannedAt.toISOString()}` : scan.nonce
  const inserted = await tx.orm
    .insert(checkIns)
    .values({ ticketId, device: device ?? gate, nonce, gate, result, actor, scannedAt })
    .onConflictDoNothing({ target: [checkIns.ticketId, checkIns.device, checkIns.nonce] })
    .returning({ nonce: checkIns.nonce })
  return inserted.length > 0
}

function told(result: CheckInResult, ticket: TicketAtGate | null, offline: boolean): ScanResult {
  const used = result === 'already_used' && ticket?.checkedInAt != null
  const firstScan = used ? { at: ticket.checkedInAt.toISOString(), gate: ticket.checkedInGate ?? '' } : null
  return {
    result,
    detail: sentence(result, ticket, firstScan),
    ticket: ticket === null ? null : viewOf(ticket),
    firstScan,
    conflict: offline && (result === 'already_used' || result === 'void'),
  }
}

function sentence(
  result: CheckInResult,
  ticket: TicketAtGate | null,
  firstScan: { readonly at: string; readonly gate: string } | null,
): string {
  switch (result) {
    case 'admitted':
      return 'Welcome.'
    case 'already_used':
      return firstScan === null ? 'Used before.' : `Used before, at ${firstScan.at} at ${firstScan.gate}.`
    case 'void':
      return ticket?.status === 'void' || ticket?.bookingStatus === 'cancelled'
        ? 'The booking was cancelled.'
        : `The booking is ${ticket?.bookingStatus ?? 'not valid'}.`
    case 'forged':
      return 'Not a ticket of ours.'
    case 'wrong_event':
      return 'A ticket of something else.'
    case 'too_early':
      return ticket === null
        ? 'Too early.'
        : `Too early: the doors open at ${new Date(ticket.startsAtMs - ticket.opensMs).toISOString()}.`
  }
}

function viewOf(ticket: TicketAtGate): ScannedTicketView {
  const { id, status, reference, resourceId, seat, section, row, number, area, rate, rateName, ticketTypeId, name } =
    ticket
  return { id, status, reference, resourceId, seat, section, row, number, area, rate, rateName, ticketTypeId, name }
}
