import { isIP } from 'node:net'
import { ipKeyGenerator } from 'express-rate-limit'
import type { Request } from 'express'

/** A provider gives every customer at least this much of IPv6: all of it counts as one address. */
const IPV6_SUBNET = 64

/** Some proxies add the port, which is another one for every connection. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d+)?$/

/** The address that a call counts for: of the client, as far as the proxies in between are trusted to tell it. */
export function clientAddress(request: Request): string {
  const { ip = '' } = request
  if (isIP(ip) !== 0) return ipKeyGenerator(ip, IPV6_SUBNET)
  const [, v6, v4] = WITH_PORT.exec(ip) ?? []
  const address = v6 ?? v4 ?? ''
  return isIP(address) === 0 ? 'unknown' : ipKeyGenerator(address, IPV6_SUBNET)
}
