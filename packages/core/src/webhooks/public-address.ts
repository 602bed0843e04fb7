import ipaddr from 'ipaddr.js'

/**
 * Special ranges that ipaddr.js takes for ordinary ones: benchmarks, the AS112 and relay blocks that end in a network's
 * own, and the address under which Azure's platform talks to every machine of its own.
 */
const SPECIAL_IPV4 = ['198.18.0.0/15', '192.31.196.0/24', '192.52.193.0/24', '192.175.48.0/24', '168.63.129.16/32'].map(
  (network) => ipaddr.IPv4.parseCIDR(network),
)

/** Range of global addresses (RFC 4291); translated, mapped and local ones lie outside, some inside. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')

/** Protocol assignments with Teredo and ORCHID, documentation, 6to4, AS112. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '3fff::/20', '2002::/16', '2620:4f:8000::/48'].map((network) =>
  ipaddr.IPv6.parseCIDR(network),
)

/**
 * Returns whether an address belongs to some host of the internet at large: not to this machine, its network, its
 * cloud's metadata, nor to a form that leads to one of those (IPv4 inside IPv6).
 *
 * @param address in its usual spelling, as resolvers answer and URLs normalise it
 */
export function isPublicAddress(address: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) {
    const parsed = ipaddr.IPv4.parse(address)
    return parsed.range() === 'unicast' && !SPECIAL_IPV4.some((network) => parsed.match(network))
  }
  // A zone (`fe80::1%eth0`) only exists for local addresses.
  if (!ipaddr.IPv6.isValid(address) || address.includes('%')) return false
  const parsed = ipaddr.IPv6.parse(address)
  return (
    parsed.range() === 'unicast' && parsed.match(GLOBAL_IPV6) && !SPECIAL_IPV6.some((network) => parsed.match(network))
  )
}
