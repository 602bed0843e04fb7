import { z } from 'zod'
import { MAIL_ADDRESS, NAME, orNull, whole } from './kinds.ts'
import { defaulted, filled, required } from './field.ts'
import { networkInput } from './network.ts'

const MAX_TRUSTED_NETWORKS = 20

const NETWORKS = {
  taken: z
    .array(networkInput)
    .max(MAX_TRUSTED_NETWORKS)
    .transform((networks) => [...new Set(networks)]),
  shown: z.array(z.string()),
}

export const ORGANIZER = {
  name: required(NAME, { example: 'Farol Cinemas' }),
  feeBasisPoints: defaulted(whole(0, 10_000), 300, {
    example: 300,
    description: 'Fee on (subtotal - discount): 300 is 3 %',
  }),
  contactEmail: filled(orNull(MAIL_ADDRESS), null, {
    example: 'farol@example.org',
    description: 'Contact for buyers: `Reply-To` of their mail, and printed on tickets. null: none',
  }),
  trustedNetworks: defaulted(NETWORKS, [], {
    example: ['198.51.100.0/24', '2001:db8:7::/48'],
    description:
      'Networks in which many buyers share an address, such as a campus: at most 20, of /16 to /32 for IPv4 and /32 to /64 for IPv6. Limits per address on booking requests and unpaid places at showtimes and events of the organizer are ten times as high there',
  }),
}
