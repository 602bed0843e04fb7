/**
 * Turns that decide which mail is sent next.
 *
 * Keeps: showtimes and events that have mail waiting take turns, so that however much one of them has, another's goes
 * out within one round; confirmations and links go before the rest, which never waits for ever; no address and no
 * showtime or event gets more than the budgets allow, over all processes. Locks: the turns (an advisory lock, for two
 * or three short statements), then the mail's row. The holder waits for nothing.
 *
 * The tempting wrong way is one queue, oldest first: fifty thousand mails that somebody caused for nothing are then
 * sent before anybody else's.
 */
import type { Database } from '../db/connect.ts'
import { claimMail } from './queries/claim-mail.ts'
import { BEFORE_ALL_LINES, type DueMail, findNextMail, type MailUrgency } from './queries/find-next-mail.ts'
import { lockMailTurns } from './queries/lock-mail-turns.ts'
import { readRecipientLoad } from './queries/read-recipient-load.ts'
import { dropMail, postponeMail } from './queries/settle-mail.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import { judgeMail, type MailBudgets } from '../domain/mail-budget.ts'

/** A mail to be sent by whoever claimed it; `attempts` includes the one that begins now. */
export type ClaimedMail = Omit<DueMail, 'recipient'>

/** The budget kept a mail back. */
export interface HeldBackMail {
  readonly mail: DueMail
  readonly how: 'postponed' | 'dropped'
}

export interface MailTurnsOptions {
  /** `null`: without bound. */
  readonly budgets: MailBudgets | null
  /** Lease of a mail; ms. */
  readonly leaseMs: number
  readonly onHeldBack: (held: HeldBackMail) => void
}

/** Every eighth mail is one that is not urgent, where there is one: a rush must not keep refunds from being told of. */
const PATIENT_EVERY = 8

/** Mails passed over, or stretches of lines looked through, for one claim; there is another one in a second. */
const MAX_LOOKS = 200

const FULL = 'Its address has reached the limit of mails in an hour.'
const TOO_MANY = 'Too many mails wait for this address.'

interface Look {
  readonly line: string | null
  readonly claimed: ClaimedMail | null
  readonly held: HeldBackMail | null
}

export class MailTurns {
  readonly #database: Database
  readonly #options: MailTurnsOptions
  /** The line that had its turn last. */
  readonly #after: Record<MailUrgency, string> = { urgent: BEFORE_ALL_LINES, patient: BEFORE_ALL_LINES }
  #turn = 0

  constructor(database: Database, options: MailTurnsOptions) {
    this.#database = database
    this.#options = options
  }

  /** Claims the mail whose turn it is; `null` where none may be sent now. */
  async next(): Promise<ClaimedMail | null> {
    this.#turn += 1
    const order = ['urgent', 'patient'] as const
    for (const urgency of this.#turn % PATIENT_EVERY === 0 ? order.toReversed() : order) {
      const claimed = await this.#nextOf(urgency)
      if (claimed !== null) return claimed
    }
    return null
  }

  async #nextOf(urgency: MailUrgency): Promise<ClaimedMail | null> {
    // A whole round without anything due ends it.
    let whole = this.#after[urgency] === BEFORE_ALL_LINES
    let empty = true
    for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
      const after = this.#after[urgency]
      const { line, claimed, held } = await inTransaction(this.#database, (tx) => this.#look(tx, urgency, after))
      this.#after[urgency] = line ?? BEFORE_ALL_LINES
      if (claimed !== null) return claimed
      if (held !== null) {
        this.#options.onHeldBack(held)
        empty = false
      }
      if (line !== null) continue
      if (whole && empty) return null
      whole = true
      empty = true
    }
    return null
  }

  async #look(tx: Transaction, urgency: MailUrgency, after: string): Promise<Look> {
    const { budgets, leaseMs } = this.#options
    await lockMailTurns(tx)
    const { line, mail } = await findNextMail(tx, urgency, after, budgets?.perLineAMinute ?? null)
    if (mail === null) return { line, claimed: null, held: null }
    const how = await holdBack(tx, mail, budgets)
    if (how !== null) return { line, claimed: null, held: { mail, how } }
    const attempts = await claimMail(tx, mail, leaseMs)
    if (attempts === null) return { line, claimed: null, held: null }
    const { recipient: _, ...rest } = mail
    return { line, claimed: { ...rest, attempts }, held: null }
  }
}

/** Postpones or drops the mail where its address has had enough; `null` where it may be sent. */
async function holdBack(
  tx: Transaction,
  mail: DueMail,
  budgets: MailBudgets | null,
): Promise<HeldBackMail['how'] | null> {
  const { id, attempts, kind, recipient } = mail
  if (budgets === null || recipient === null || kind === 'recovery') return null
  const load = await readRecipientLoad(tx, { ...mail, recipient }, budgets.perRecipientAnHour)
  const turn = judgeMail(load, budgets.perRecipientAnHour)
  switch (turn.act) {
    case 'send':
      return null
    case 'postpone':
      await postponeMail(tx.client, id, attempts, FULL, turn.forMs)
      return 'postponed'
    case 'drop':
      await dropMail(tx.client, id, attempts, TOO_MANY)
      return 'dropped'
  }
}
