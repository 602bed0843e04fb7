import type { Logger } from '../runtime/logger.ts'
import { type LaneProgress, PAYLOAD_VERSION, type Signal } from './payloads.ts'

/**
 * Parses a received message; returns `null` and logs if it is no signal or of another version. Anybody who can reach
 * the channel can send anything: it must not end the process.
 */
export function receiveSignal(message: string, logger: Logger): Signal | null {
  let signal: Partial<Signal> | null
  try {
    signal = JSON.parse(message) as Partial<Signal> | null
  } catch (error) {
    logger.error({ err: error }, 'a message that is no signal ignored')
    return null
  }
  if (signal?.v !== PAYLOAD_VERSION || typeof signal.versions !== 'object' || signal.versions === null) {
    logger.error({ version: signal?.v }, 'signal of another version ignored')
    return null
  }
  if (signal.lane !== undefined && !isProgress(signal.lane)) {
    logger.error({}, 'a signal with a malformed lane ignored')
    return null
  }
  return { ...signal, v: signal.v, versions: signal.versions }
}

function isProgress(lane: unknown): lane is LaneProgress {
  if (typeof lane !== 'object' || lane === null || !('id' in lane) || !('watermark' in lane)) return false
  const outcomes = 'outcomes' in lane ? lane.outcomes : undefined
  return (
    Number.isSafeInteger(lane.id) &&
    Number.isSafeInteger(lane.watermark) &&
    (outcomes === undefined ||
      (Array.isArray(outcomes) && outcomes.every((outcome) => typeof outcome?.id === 'string')))
  )
}
