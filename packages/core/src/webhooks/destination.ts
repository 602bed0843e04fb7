import { promises as dns } from 'node:dns'
import { isIP } from 'node:net'
import { isPublicAddress } from './public-address.ts'

/** Rules of where webhooks may go. */
export interface Destinations {
  readonly allowsHttp: boolean
  /** Names without a dot are of the own network. */
  readonly allowsLocalNames: boolean
  allowsAddress(address: string): boolean
  /** Every address of the name. Rejects where there is none. */
  resolve(name: string): Promise<readonly string[]>
}

/** Thrown for an address that webhooks do not go to; the message is a sentence for whoever set it. */
export class RefusedDestinationError extends Error {
  override readonly name = 'RefusedDestinationError'
}

/**
 * Allows the internet at large, over https. The name servers are asked directly: a slow one must not hold up the
 * process.
 */
export function publicDestinations(): Destinations {
  const resolver = new dns.Resolver({ timeout: 2_000, tries: 2 })
  return {
    allowsHttp: false,
    allowsLocalNames: false,
    allowsAddress: isPublicAddress,
    resolve: async (name) => {
      const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
      return found.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    },
  }
}

/** Allows any destination, for tests and trials. */
export function anyDestination(): Destinations {
  return {
    allowsHttp: true,
    allowsLocalNames: true,
    allowsAddress: () => true,
    resolve: async (name) => (await dns.lookup(name, { all: true })).map(({ address }) => address),
  }
}

/** Ports from 1024 on that other protocols than HTTP have (the list of the Fetch standard, and databases). */
const OTHER_PROTOCOLS = new Set([
  1_719, 1_720, 1_723, 2_049, 3_306, 3_659, 4_045, 4_190, 5_060, 5_061, 5_432, 6_000, 6_379, 6_566, 6_665, 6_666, 6_667,
  6_668, 6_669, 6_679, 6_697, 10_080, 11_211, 27_017,
])

/**
 * Returns the URL if webhooks may go there, as far as its text tells. The addresses of its name are checked each time
 * that something is sent.
 *
 * @throws RefusedDestinationError
 */
export function parseDestination(text: string, { allowsHttp, ...rules }: Destinations): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null) throw new RefusedDestinationError('Must be a URL.')
  if (url.protocol !== 'https:' && !(allowsHttp && url.protocol === 'http:')) {
    throw new RefusedDestinationError('Must begin with https://.')
  }
  if (url.username !== '' || url.password !== '') {
    throw new RefusedDestinationError('Must not hold a user or a password.')
  }
  if (url.hash !== '') throw new RefusedDestinationError('Must not have a fragment.')
  const port = Number(url.port)
  if ((port !== 0 && port < 1_024 && port !== 80 && port !== 443) || OTHER_PROTOCOLS.has(port)) {
    throw new RefusedDestinationError('Must not have a port of another protocol.')
  }
  const host = bareHost(url)
  if (isIP(host) !== 0) requireAllowed([host], rules)
  else if (!rules.allowsLocalNames && isLocalName(host)) {
    throw new RefusedDestinationError('Must not lead into a private network.')
  }
  return url
}

/**
 * Returns the host, an IPv6 address without its brackets. By now its spelling is the usual one: 0x7f.1 is 127.0.0.1.
 */
function bareHost({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

const LOCAL_NAME = /^[^.]+\.?$|\.(?:localhost|local|internal|home\.arpa)\.?$/

const isLocalName = (host: string) => LOCAL_NAME.test(host)

/**
 * Returns the addresses of a name, all of which are allowed: one that is not spoils the name.
 *
 * @throws RefusedDestinationError
 */
export async function resolveDestination(name: string, rules: Destinations): Promise<readonly string[]> {
  const addresses = await rules.resolve(name)
  if (addresses.length === 0) throw new RefusedDestinationError('Its name has no address.')
  requireAllowed(addresses, rules)
  return addresses
}

function requireAllowed(addresses: readonly string[], rules: Pick<Destinations, 'allowsAddress'>): void {
  if (addresses.every((address) => rules.allowsAddress(address))) return
  throw new RefusedDestinationError('Must not lead into a private network.')
}
