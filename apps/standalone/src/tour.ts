import { randomUUID } from 'node:crypto'
import type { DemoCatalogue } from '@boxoffice/core/demo/demo-catalogue.ts'
import type { Role } from '@boxoffice/core/domain/role.ts'
import { signToken } from '@boxoffice/core/access/tokens.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'

const TOKEN_DAYS = 30

export interface TourTokens {
  readonly customer: string
  readonly secondCustomer: string
  readonly organizer: string
  readonly admin: string
}

/** Tokens for the tour; they outlive a restart, for the secret is kept. */
export async function signTourTokens(
  jwtSecret: string,
  organizerId: string,
  settings: Pick<Settings, 'JWT_AUDIENCE' | 'JWT_ISSUER'>,
): Promise<TourTokens> {
  const sign = (role: Role, organizer: string | null = null) =>
    signToken(
      { subject: `${role}:${randomUUID()}`, role, organizerId: organizer, ttlSeconds: TOKEN_DAYS * 86_400 },
      jwtSecret,
      settings,
    )
  const [customer, secondCustomer, organizer, admin] = await Promise.all([
    sign('customer'),
    sign('customer'),
    sign('organizer', organizerId),
    sign('admin'),
  ])
  return { customer, secondCustomer, organizer, admin }
}

/** Returns what is printed once everything answers. Lines that need a demo or tokens are left out without them. */
export function describeTour(tour: {
  url: string
  data: string
  /** Directory of written mail, if it is not sent. */
  mail: string | undefined
  demo: DemoCatalogue | undefined
  tokens: TourTokens | undefined
}): string {
  const { url, data, mail, demo, tokens } = tour
  const lines = [
    '',
    'Boxoffice is ready.',
    '',
    `  API     ${url}`,
    `  Docs    ${url}/docs`,
    `  Queues  ${url}/admin/queues (user admin, the admin token as password)`,
    `  Data    ${data}`,
    ...(mail === undefined ? [] : [`  Mail    ${mail}`]),
  ]
  if (tokens !== undefined) {
    lines.push('', `Tokens, valid for ${TOKEN_DAYS} days (for others: npm run --silent token -- --role customer)`)
    lines.push(
      '',
      `customer   ${tokens.customer}`,
      '',
      `organizer  ${tokens.organizer}`,
      '',
      `admin      ${tokens.admin}`,
    )
  } else {
    lines.push('', 'Tokens come from the issuer whose keys are at JWKS_URL.')
  }
  if (demo === undefined) {
    lines.push('', 'This database is yours, so no demo was put into it; `npm run seed` does that.')
  } else if (tokens !== undefined) {
    const [seat] = demo.seatLabels
    lines.push('', `Hold seat ${seat} of a demo showtime:`)
    lines.push('', holdSeat(url, demo, tokens.customer, 'Ada'))
    lines.push('', 'The same seat for a second person, who is refused:')
    lines.push('', holdSeat(url, demo, tokens.secondCustomer, 'Grace'))
  }
  lines.push('', 'Ctrl-C stops everything.', '', '')
  return lines.join('\n')
}

function holdSeat(url: string, demo: DemoCatalogue, token: string, name: string): string {
  const body = JSON.stringify({
    resource: { type: 'showtime', id: demo.showtimeId },
    seats: [demo.seatLabels[0]],
    customer: { name, email: `${name.toLowerCase()}@example.com` },
  })
  return [
    `curl -sS ${url}/v1/booking-requests`,
    `-H 'Authorization: Bearer ${token}'`,
    `-H 'Content-Type: application/json' -H 'Prefer: wait=10'`,
    `-d '${body}'`,
  ].join(' \\\n  ')
}
