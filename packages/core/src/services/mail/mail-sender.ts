/**
 * Sending mail to buyers.
 *
 * Keeps: a mail goes out at least once, though the process that took it may die, and is given up only after its last
 * try, or where trying is no use. Once it is marked as sent it is not sent again.
 * Locks: the mail's row, SKIP LOCKED, for the statement that takes it. Nothing is held while a mail server thinks.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type ClaimedMail, claimMails } from '../../db/queries/claim-mails.ts'
import { markMailFailed, markMailSent, postponeMail } from '../../db/queries/settle-mail.ts'
import { MAX_ATTEMPTS, pauseAfter } from '../../mail/backoff.ts'
import type { MailTransport } from '../../mail/message.ts'
import { MailRefusedError } from '../../mail/transport.ts'
import { within } from '../../queue/within.ts'
import { type ComposeDependencies, composeMail, NothingToSendError } from './compose-mail.ts'

export interface MailSenderDependencies extends ComposeDependencies {
  readonly transport: MailTransport
  /** How long a mail is this process's to send; ms. */
  readonly leaseMs?: number
}

/** As many as there are connections to the mail server. */
const MAX_UNDER_WAY = 4

/** All of a mail, however slowly its server talks. */
const SEND_WITHIN_MS = 90_000

/** Twice as long. */
const LEASE_MS = 180_000

/** Sends due mail, a few at once, so that one whose server is slow keeps no other waiting. */
export class MailSender {
  readonly #deps: MailSenderDependencies
  readonly #underWay = new Set<Promise<void>>()
  #stopped = false

  constructor(deps: MailSenderDependencies) {
    this.#deps = deps
  }

  /** Begins to send what is due, and goes on while there is more; does not wait for it. */
  async look(): Promise<void> {
    const room = MAX_UNDER_WAY - this.#underWay.size
    if (room === 0 || this.#stopped) return
    for (const mail of await this.#claim(room)) {
      const sending = this.#sendAndGoOn(mail)
        .catch((error: unknown) => this.#deps.logger.warn({ err: error }, 'how a mail went could not be written down'))
        .finally(() => this.#underWay.delete(sending))
      this.#underWay.add(sending)
    }
  }

  /** Waits until nothing is under way. */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  /** Begins no more, and waits for what is under way, but not for longer than this: others send it again. */
  async stop(withinMs: number): Promise<void> {
    this.#stopped = true
    const waiting = new AbortController()
    await Promise.race([this.settle(), delay(withinMs, undefined, { signal: waiting.signal }).catch(() => undefined)])
    waiting.abort()
  }

  #claim(limit: number): Promise<ClaimedMail[]> {
    return claimMails(this.#deps.database.pool, limit, this.#deps.leaseMs ?? LEASE_MS)
  }

  async #sendAndGoOn(mail: ClaimedMail): Promise<void> {
    for (let next: ClaimedMail | undefined = mail; next !== undefined;) {
      await this.#send(next)
      next = this.#stopped ? undefined : (await this.#claim(1))[0]
    }
  }

  async #send(mail: ClaimedMail): Promise<void> {
    const { transport, database, logger } = this.#deps
    const { id, attempts } = mail
    try {
      // A mail that takes its process down each time never says how it went: it only counts up.
      if (attempts > MAX_ATTEMPTS) throw new NothingToSendError('Every try to send it ended without an answer.')
      const message = await composeMail(this.#deps, mail)
      await within(SEND_WITHIN_MS, 'sending a mail', transport.send(message))
    } catch (error) {
      const facts = { mail: id, kind: mail.kind, booking: mail.bookingId, attempts }
      if (this.#stopped && !isFinal(error)) {
        // Broken off by the stop, perhaps: that is no failure of the mail, which others take once its lease is over.
        logger.info(facts, 'a mail is left to others')
        return
      }
      const failure = failureOf(error)
      const pause = isFinal(error) ? null : pauseAfter(attempts, Math.random())
      if (pause !== null) {
        logger.warn({ ...facts, failure }, 'a mail was not sent and is tried again')
        await postponeMail(database.pool, id, attempts, failure, pause)
      } else {
        if (error instanceof NothingToSendError) logger.info({ ...facts, failure }, 'a mail has become needless')
        else logger.error({ ...facts, failure }, 'a mail was given up')
        await markMailFailed(database.pool, id, attempts, failure)
      }
      return
    }
    await markMailSent(database.pool, id)
  }
}

const isFinal = (error: unknown) =>
  error instanceof NothingToSendError || (error instanceof MailRefusedError && error.isFinal)

/** In words that name nobody: what a library puts into its errors may. */
function failureOf(error: unknown): string {
  if (error instanceof NothingToSendError || error instanceof MailRefusedError) return error.message
  return error instanceof Error ? `It could not be made or written: ${error.name}.` : 'It could not be made or written.'
}
