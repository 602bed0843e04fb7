import { createTransport } from 'nodemailer'
import { directoryTransport } from './directory-transport.ts'
import { type MailTransport, messageOf } from './message.ts'

/** The mail server did not take it. The message names nobody, for servers repeat addresses in theirs. */
export class MailRefusedError extends Error {
  override readonly name = 'MailRefusedError'
  /** Trying again would be no use. */
  readonly isFinal: boolean
  constructor(message: string, isFinal: boolean) {
    super(message)
    this.isFinal = isFinal
  }
}

export interface MailSettings {
  readonly SMTP_URL?: string | undefined
  readonly MAIL_FROM: string
  readonly DATA_DIR: string
}

export interface SmtpTimes {
  /** For each answer; ms. */
  readonly answerMs: number
}

/** Mails sent at once, each over a connection of its own. */
const MAX_CONNECTIONS = 4

/** Opens the transport: to the mail server of the settings; without one, into files. */
export function openMailTransport(settings: MailSettings, times: SmtpTimes = { answerMs: 20_000 }): MailTransport {
  const { SMTP_URL: url, MAIL_FROM: from, DATA_DIR: directory } = settings
  return url === undefined ? directoryTransport(directory, from) : smtpTransport(url, from, times)
}

function smtpTransport(url: string, from: string, { answerMs }: SmtpTimes): MailTransport {
  const smtp = createTransport({
    url,
    pool: true,
    maxConnections: MAX_CONNECTIONS,
    maxMessages: 100,
    // Whoever sends tries again, after a pause, and counts.
    maxRequeues: 0,
    dnsTimeout: answerMs,
    connectionTimeout: answerMs,
    greetingTimeout: answerMs,
    socketTimeout: answerMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    send: async (mail) => {
      try {
        await smtp.sendMail(messageOf(mail, from))
      } catch (error) {
        throw refusal(error)
      }
    },
    close: () => smtp.close(),
  }
}

/** Returns the error of a recipient or a message that is refused for good; all else may be over in a while. */
function refusal(error: unknown): MailRefusedError {
  const { code, responseCode, command } = factsOf(error)
  if (responseCode === undefined) return new MailRefusedError(`The mail server cannot be reached: ${code}`, false)
  const isFinal = responseCode >= 500 && (command === 'RCPT TO' || command === 'DATA')
  return new MailRefusedError(`The mail server answered ${responseCode} to ${command}`, isFinal)
}

function factsOf(error: unknown): { code: string; responseCode: number | undefined; command: string } {
  const facts = new Map<string, unknown>(error instanceof Error ? Object.entries(error) : [])
  const [code, responseCode, command] = ['code', 'responseCode', 'command'].map((name) => facts.get(name))
  return {
    code: typeof code === 'string' ? code : 'unknown error',
    responseCode: typeof responseCode === 'number' ? responseCode : undefined,
    command: typeof command === 'string' ? command : 'the mail',
  }
}
