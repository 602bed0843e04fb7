import { isIPv4 } from 'node:net'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import type { CrowdScenario } from '../crowd-scenario.ts'
import { attackersOf, REFUSALS_ALONE } from './attackers.ts'
import { honestOf } from './honest.ts'
import { judgeHostile } from './judge.ts'
import { phasesOf } from './phases.ts'
import { prepareHostile } from './prepare.ts'

/** A line that stands still must not keep the run for long. */
const GRACE_MS = 20_000

export const hostile: CrowdScenario = {
  name: 'hostile',
  about: 'Honest buyers alone, then beside hostile callers of many kinds, with the limits on: none may pay for them.',
  defaults: { rate: 60, durationMs: 50_000, clients: 6_000, scale: 1 },
  settings: { LIMITS: 'on' },
  prepare: async (context) => {
    const { url, size, customers } = context
    const { hostname } = new URL(url)
    // The callers' addresses are of the loopback network: from them nothing can be sent elsewhere.
    if (!isIPv4(hostname) || !hostname.startsWith('127.')) {
      throw new StartupError(`hostile is sent to an address in 127.0.0.0/8 only, and not to ${hostname}.`)
    }
    const catalogue = await prepareHostile(context)
    const phases = phasesOf(size.durationMs)
    const organizer = await context.signWorker('organizer', catalogue.stuffed.organizerId)
    const streams = [
      ...honestOf(catalogue, phases, { ...size, customers: customers.length }),
      ...attackersOf({ catalogue, phases, scale: size.scale, organizer }),
    ]
    const { fromMs } = phases.refusals
    const untilMs = phases.hostile.fromMs
    return {
      streams,
      graceMs: GRACE_MS,
      resourceIds: catalogue.resourceIds,
      disk: { stream: REFUSALS_ALONE, fromMs, untilMs },
    }
  },
  verdict: judgeHostile,
}
