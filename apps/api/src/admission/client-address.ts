import { isIP } from 'node:net'
import { ipKeyGenerator } from 'express-rate-limit'
import type { Request } from 'express'
import type { ClientNetwork } from '@boxoffice/core/limits/client-network.ts'

/**
 * Networks of IPv6, in bits, and how many times the budget of one address each has. A provider gives a phone or a server a
 * /64, a household or an office a /56 or a /48, which are 256 and 65,536 times as many addresses. Some providers spread
 * customers over a /48, hence the growth.
 */
const IPV6_NETWORKS = [
  { bits: 64, times: 1 },
  { bits: 56, times: 4 },
  { bits: 48, times: 16 },
] as const

/** Some proxies add the port, which is another one for every connection. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d+)?$/

/**
 * Returns the networks that a call counts for, the narrowest first: those of the client, as far as the proxies in between
 * are trusted to name it.
 */
export function clientNetworks(request: Request): readonly ClientNetwork[] {
  return networksOf(request.ip ?? '')
}

/** Returns the networks that an address is in, the narrowest first. IPv4 has one, also where it is written as IPv6. */
export function networksOf(ip: string): readonly ClientNetwork[] {
  const address = addressOf(ip)
  if (address === null) return [{ name: 'unknown', times: 1 }]
  if (isIP(address) === 4) return [{ name: address, times: 1 }]
  const networks = IPV6_NETWORKS.map(({ bits, times }) => ({ name: ipKeyGenerator(address, bits), times }))
  const [narrowest] = networks
  // IPv4 in IPv6 has the same name at every width.
  return narrowest !== undefined && isIP(narrowest.name) === 4 ? [narrowest] : networks
}

function addressOf(ip: string): string | null {
  if (isIP(ip) !== 0) return ip
  const [, v6, v4] = WITH_PORT.exec(ip) ?? []
  const address = v6 ?? v4 ?? ''
  return isIP(address) === 0 ? null : address
}
