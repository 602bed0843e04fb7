/**
 * A network that a call counts for. A call from IPv4 has one, its address; a call from IPv6 has several, each inside the
 * next one, because nobody can tell from outside how much of IPv6 one customer has been given.
 */
export interface ClientNetwork {
  /** An address, or a network such as `2001:db8:1::/48`. */
  readonly name: string
  /** Multiple of one address's budget. */
  readonly times: number
}
