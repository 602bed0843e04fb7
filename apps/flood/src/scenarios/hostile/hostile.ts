import { isIPv4 } from 'node:net'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { planOf } from '../plan-of.ts'
import type { Scenario } from '../scenario.ts'
import { attackersOf, REFUSALS_ALONE } from './attackers.ts'
import { honestOf } from './honest.ts'
import { judgeHostile } from './judge.ts'
import { phasesOf } from './phases.ts'
import { setHostileStage } from './set-stage.ts'

/** A line that stands still must not keep the run for long. */
const GRACE_MS = 20_000

export const hostile: Scenario = {
  name: 'hostile',
  about: 'Honest buyers alone, then beside hostile callers of many kinds, with the limits on: none may pay for them.',
  defaults: { rate: 60, durationMs: 50_000, clients: 6_000, scale: 1 },
  settings: { LIMITS: 'on' },
  stage: async (theatre) => {
    const { url, size, customers } = theatre
    const { hostname } = new URL(url)
    // The callers' addresses are of the loopback network: from them nothing can be sent elsewhere.
    if (!isIPv4(hostname) || !hostname.startsWith('127.')) {
      throw new StartupError(`hostile is sent to an address in 127.0.0.0/8 only, and not to ${hostname}.`)
    }
    const stage = await setHostileStage(theatre)
    const phases = phasesOf(size.durationMs)
    const organizer = await theatre.signWorker('organizer', stage.stuffed.organizerId)
    const streams = [
      ...honestOf(stage, phases, { ...size, customers: customers.length }),
      ...attackersOf({ stage, phases, scale: size.scale, organizer }),
    ]
    const { fromMs } = phases.refusals
    const untilMs = phases.hostile.fromMs
    return {
      plan: planOf(theatre, size, streams, { graceMs: GRACE_MS }),
      resourceIds: stage.resourceIds,
      drawn: null,
      holdsExpire: false,
      disk: { stream: REFUSALS_ALONE, fromMs, untilMs },
    }
  },
  verdict: judgeHostile,
}
