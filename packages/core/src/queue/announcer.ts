import type { Logger } from '../runtime/logger.ts'
import type { Signal } from './payloads.ts'
import type { Transport } from './transport.ts'

/** Sends signals without being waited for. One that is not sent costs its receivers a second, and a line in the log. */
export function announcer(transport: Pick<Transport, 'publish'>, logger: Logger): (signal: Signal) => void {
  return (signal) => {
    transport.publish(signal).catch((error: unknown) => {
      logger.warn({ err: error, lines: signal.lines?.length }, 'signal not sent, clients will look for themselves')
    })
  }
}
