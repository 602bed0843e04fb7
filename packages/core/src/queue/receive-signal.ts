import type { Logger } from '../runtime/logger.ts'
import { type LineMark, PAYLOAD_VERSION, type Signal } from './payloads.ts'

/**
 * Parses a received message; returns `null` and logs if it is no signal or of another version. Signals of the version before say
 * which availability has changed, and nothing of lines. Anybody who can reach the channel can send anything: it must not end
 * the process.
 */
export function receiveSignal(message: string, logger: Logger): Signal | null {
  let signal: Partial<Signal> | null
  try {
    signal = JSON.parse(message) as Partial<Signal> | null
  } catch (error) {
    logger.error({ err: error }, 'a message that is no signal ignored')
    return null
  }
  const versions = signal?.versions
  if (signal?.v !== PAYLOAD_VERSION || typeof versions !== 'object' || versions === null) {
    logger.error({ version: signal?.v }, 'signal of another version ignored')
    return null
  }
  const { lines, outcomes, early } = signal
  if (!isAll(lines, isMark) || !isAll(outcomes, isOutcome) || !isAll(early, isId)) {
    logger.error({}, 'a signal with malformed lines ignored')
    return null
  }
  return {
    v: signal.v,
    ...(lines !== undefined && { lines }),
    ...(outcomes !== undefined && { outcomes }),
    ...(early !== undefined && { early }),
    versions,
  }
}

function isAll(values: unknown, isOne: (value: unknown) => boolean): boolean {
  return values === undefined || (Array.isArray(values) && values.every(isOne))
}

function isMark(mark: unknown): mark is LineMark {
  if (typeof mark !== 'object' || mark === null || !('id' in mark) || !('watermark' in mark)) return false
  return typeof mark.id === 'string' && Number.isSafeInteger(mark.watermark)
}

const isId = (id: unknown) => typeof id === 'string'

function isOutcome(outcome: unknown): boolean {
  return typeof outcome === 'object' && outcome !== null && 'id' in outcome && typeof outcome.id === 'string'
}
