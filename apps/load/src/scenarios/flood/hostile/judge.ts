import type { Results, StreamOutcome } from '../../../results/results.ts'
import type { Size } from '../crowd-scenario.ts'
import { TOO_LARGE } from './attackers.ts'
import { HONEST, streamAlone, streamBeside } from './honest.ts'

/** Factor that the p99 of honest buyers beside hostile callers may have over the one alone, plus these milliseconds. */
const TIMES = 2
const BESIDES_MS = 250

/**
 * Returns a sentence for each thing that honest buyers had to suffer because of others. How long they waited, and whether
 * requests of too many tickets were accepted, is judged at full scale only.
 */
export function judgeHostile({ streams }: Results['outcome'], { scale }: Size): string[] {
  const byName = new Map(streams.map((stream) => [stream.name, stream]))
  const idle = streams.filter(({ sent }) => sent === 0).map(({ name }) => `Nobody came: ${name}.`)
  const honest = HONEST.flatMap((kind) => {
    const [alone, beside] = [byName.get(streamAlone(kind)), byName.get(streamBeside(kind))]
    if (alone === undefined || beside === undefined) return [`The run had no honest buyers of ${kind}.`]
    return [...served(alone), ...served(beside), ...(scale === 1 ? inTime(kind, alone, beside) : [])]
  })
  const taken = byName.get(TOO_LARGE)?.statuses
  const accepted = (taken?.['200'] ?? 0) + (taken?.['202'] ?? 0)
  return [
    ...idle,
    ...honest,
    ...(scale === 1 && accepted > 0 ? [`${accepted} booking requests of far too many tickets were accepted.`] : []),
  ]
}

function served({ name, refused, undecided, unsent, booked }: StreamOutcome): string[] {
  const sentences: string[] = []
  for (const [code, count] of Object.entries(refused)) sentences.push(`${name}: ${count} were refused (${code}).`)
  if (undecided > 0) sentences.push(`${name}: ${undecided} had no outcome.`)
  if (unsent > 0) sentences.push(`${name}: ${unsent} could not be sent.`)
  if (booked === 0) sentences.push(`${name}: nobody got a ticket.`)
  return sentences
}

function inTime(kind: string, alone: StreamOutcome, beside: StreamOutcome): string[] {
  const mostMs = TIMES * alone.total.p99 + BESIDES_MS
  if (beside.total.p99 <= mostMs) return []
  return [
    `${kind}: the p99 to the outcome was ${beside.total.p99} ms beside hostile callers, more than ${Math.round(mostMs)} ms (${TIMES} times ${alone.total.p99} ms alone, and ${BESIDES_MS} ms).`,
  ]
}
