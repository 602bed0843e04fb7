/**
 * Sending mail to buyers.
 *
 * Keeps: a mail is given up only after its last try, or where trying is no use. Once it is marked as sent it is not sent
 * again. One that fails each time it is tried is parked (I10).
 * Locks: those of `mail-turns.ts`, which takes it. Nothing is held while a mail server thinks.
 */
import { dropMail, markMailFailed, markMailSent, parkMail, postponeMail } from './queries/settle-mail.ts'
import type { MailBudgets } from '../domain/mail-budget.ts'
import { MAX_ATTEMPTS, pauseAfter } from './backoff.ts'
import type { MailTransport } from './message.ts'
import { MailRefusedError } from './transport.ts'
import { within } from '../runtime/within.ts'
import { newId } from '../runtime/new-id.ts'
import { Sender } from '../sending/sender.ts'
import { type ComposeDependencies, composeMail, NothingToSendError } from './compose-mail.ts'
import { type ClaimedMail, type HeldBackMail, MailTurns } from './mail-turns.ts'

export interface MailSenderDependencies extends ComposeDependencies {
  readonly transport: MailTransport
  /** `null`: as much as there is. */
  readonly budgets: MailBudgets | null
  /** Hears what became of each mail. */
  readonly onMail?: (kind: ClaimedMail['kind'], result: MailResult) => void
  /** Lease of a mail; ms. */
  readonly leaseMs?: number
}

/** `needless` had nothing to tell any more; `postponed` and `dropped` were over the budget of their address. */
export type MailResult = 'sent' | 'retried' | 'failed' | 'needless' | 'postponed' | 'dropped'

const LOOK_EVERY_MS = 1_000

/** Most mails under way: as many as there are connections to the mail server. */
const MAX_UNDER_WAY = 4

/** All of a mail, however slowly its server talks. */
const SEND_WITHIN_MS = 90_000

/** Twice as long. */
const LEASE_MS = 180_000

export type MailSender = Sender<ClaimedMail>

/** Returns a sender that has yet to be started. */
export function openMailSender(deps: MailSenderDependencies): MailSender {
  const { database, budgets, leaseMs = LEASE_MS } = deps
  const turns = new MailTurns(database, { budgets, leaseMs, onHeldBack: (held) => onHeldBack(deps, held) })
  return new Sender({
    what: 'mail',
    logger: deps.logger,
    atOnce: MAX_UNDER_WAY,
    lookEveryMs: LOOK_EVERY_MS,
    claim: async function* (room) {
      for (let claimed = 0; claimed < room; claimed++) {
        const mail = await turns.next()
        if (mail === null) return
        yield [mail]
      }
    },
    send: (mail, stopping) => send(deps, mail, stopping),
  })
}

function onHeldBack({ logger, onMail }: MailSenderDependencies, { mail, how }: HeldBackMail): void {
  const { id, kind, bookingId } = mail
  const facts = { mail: id, kind, booking: bookingId }
  if (how === 'dropped') logger.warn(facts, 'a mail was dropped: too many wait for its address')
  else logger.info(facts, 'a mail waits: its address has had as many as it may in an hour')
  onMail?.(kind, how)
}

async function send(deps: MailSenderDependencies, mail: ClaimedMail, stopping: AbortSignal): Promise<void> {
  const { transport, database, logger, onMail } = deps
  const { id, kind, attempts } = mail
  try {
    // A mail that takes its process down each time never says how it went: it only counts up.
    if (attempts > MAX_ATTEMPTS) throw new UnansweredMailError()
    const message = await composeMail(deps, mail)
    await within(SEND_WITHIN_MS, 'sending a mail', transport.send(message))
  } catch (error) {
    const facts = { mail: id, kind, booking: mail.bookingId, attempts }
    if (stopping.aborted && !isFinal(error)) {
      // Broken off by the stop, perhaps: that is no failure of the mail, which others take once its lease is over.
      logger.info(facts, 'a mail is left to others')
      return
    }
    const failure = failureOf(error)
    const pause = isFinal(error) ? null : pauseAfter(attempts, Math.random())
    if (pause !== null) {
      logger.warn({ ...facts, failure }, 'a mail was not sent and is tried again')
      await postponeMail(database.pool, id, attempts, failure, pause)
      onMail?.(kind, 'retried')
    } else if (error instanceof NothingToSendError) {
      logger.info({ ...facts, failure }, 'a mail has become needless')
      await dropMail(database.pool, id, attempts, failure)
      onMail?.(kind, 'needless')
    } else {
      logger.error({ ...facts, failure }, 'a mail was given up')
      // A mail server refuses for good mostly because a buyer mistyped the address: no operator can mend that.
      if (isFinal(error)) await markMailFailed(database.pool, id, attempts, failure)
      else await parkMail(database.pool, newId(), { id, attempt: attempts, failure })
      onMail?.(kind, 'failed')
    }
    return
  }
  await markMailSent(database.pool, id)
  onMail?.(kind, 'sent')
}

class UnansweredMailError extends Error {
  override readonly name = 'UnansweredMailError'
  constructor() {
    super('No attempt to send it got a response.')
  }
}

const isFinal = (error: unknown) =>
  error instanceof NothingToSendError || (error instanceof MailRefusedError && error.isFinal)

/** Returns the failure in words that name nobody: a library's errors may name somebody. */
function failureOf(error: unknown): string {
  if (error instanceof NothingToSendError || error instanceof MailRefusedError) return error.message
  if (error instanceof UnansweredMailError) return error.message
  return error instanceof Error
    ? `The mail could not be composed or written: ${error.name}.`
    : 'The mail could not be composed or written.'
}
