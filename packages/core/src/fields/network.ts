import { z } from 'zod'
import { formatNetwork, parseNetwork } from '../domain/network.ts'

/** Shortest and longest networks that an organizer may name: larger ones hold strangers, and IPv6 is counted by its /64. */
const BITS = { 4: { from: 16, to: 32 }, 6: { from: 32, to: 64 } } as const

const FORM = 'Must be a network such as 198.51.100.0/24 or 2001:db8::/48'

/** A network that an organizer names, kept in the one way in which it is written. */
export const networkInput = z
  .string()
  .max(50, { error: FORM, abort: true })
  .transform((text, context) => {
    const network = parseNetwork(text)
    const bounds = network === null ? null : BITS[network.version]
    if (network !== null && bounds !== null && network.bits >= bounds.from && network.bits <= bounds.to)
      return formatNetwork(network)
    const message =
      network === null || bounds === null
        ? FORM
        : `Must have a length from /${bounds.from} to /${bounds.to} for IPv${network.version}`
    context.issues.push({ code: 'custom', input: text, message })
    return z.NEVER
  })
  .meta({ override: { type: 'string' }, example: '198.51.100.0/24' })
