import { BlockList, isIP } from 'node:net'

/** Networks that Express knows by name. */
const NAMED: Readonly<Record<string, readonly string[]>> = { loopback: ['127.0.0.0/8', '::1/128'] }

/** Returns whether an address belongs to one of the proxies of `TRUSTED_PROXIES`, as Express sees it for `request.ip`. */
export function trustsProxy(proxies: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList()
  for (const one of proxies.flatMap((proxy) => NAMED[proxy] ?? [proxy])) {
    const [address = '', bits] = one.split('/')
    if (bits === undefined) trusted.addAddress(address, familyOf(address))
    else trusted.addSubnet(address, Number(bits), familyOf(address))
  }
  // An IPv4 address that comes as `::ffff:127.0.0.1` is found too.
  return (address) => trusted.check(address, familyOf(address))
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
