import { isIP } from 'node:net'
import { ipKeyGenerator } from 'express-rate-limit'
import type { Request } from 'express'
import { addressBlocks } from './address-blocks.ts'

/** A provider gives every customer at least this much of IPv6: all of it counts as one address. */
const IPV6_SUBNET = 64

/** Some proxies add the port, which is another one for every connection. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d+)?$/

/** The address that a call counts for: of the client, as far as the proxies in between are trusted to tell it. */
export function clientAddress(request: Request): string {
  const address = plainAddress(request)
  return address === null ? 'unknown' : ipKeyGenerator(address, IPV6_SUBNET)
}

/** Returns the blocks that a call counts for where an address gets a share of something. */
export const clientBlocks = (request: Request) => addressBlocks(plainAddress(request) ?? 'unknown')

function plainAddress({ ip = '' }: Request): string | null {
  if (isIP(ip) !== 0) return ip
  const [, v6, v4] = WITH_PORT.exec(ip) ?? []
  const address = v6 ?? v4 ?? ''
  return isIP(address) === 0 ? null : address
}
