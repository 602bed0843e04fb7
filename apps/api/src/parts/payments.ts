import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import { openProviders, sandboxSecret } from '@boxoffice/core/payments/open-providers.ts'
import { openSandboxSender, type SandboxSender } from '@boxoffice/core/payments/sandbox/sandbox-sender.ts'
import { announcer } from '@boxoffice/core/queue/announcer.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import type { Secrets } from '@boxoffice/core/settings/secrets.ts'
import type { LifecycleDependencies } from '@boxoffice/core/bookings/lifecycle.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import type { Addresses } from './addresses.ts'

/** Reports that the sandbox is sending when the process stops get this long. */
const SENDER_GRACE_MS = 1_000

/** The life of bookings, and the providers of their payments. */
export interface Payments {
  readonly lifecycle: LifecycleDependencies
  /** Sends the sandbox's webhooks; `null` unless the sandbox takes the money. Start it once the API listens. */
  readonly sandboxSender: SandboxSender | null
}

interface PaymentsOptions {
  readonly settings: Settings
  readonly secrets: Secrets
  readonly database: Database
  readonly transport: Transport
  readonly addresses: Addresses
  readonly logger: Logger
}

/** Opens the payment providers. */
export async function openPayments(
  parts: AsyncDisposableStack,
  { settings, secrets, database, transport, addresses, logger }: PaymentsOptions,
): Promise<Payments> {
  const providers = await openProviders({ settings, secrets, database, publicUrl: addresses.public, logger })
  const lifecycle = { database, logger, providers, announce: announcer(transport, logger) }
  if (settings.PAYMENT_PROVIDER !== 'sandbox') return { lifecycle, sandboxSender: null }
  if (settings.NODE_ENV === 'production') {
    logger.warn('PAYMENT_PROVIDER is sandbox: everybody can confirm bookings without paying')
  }
  const sandboxSender = openSandboxSender({
    database,
    webhookUrl: () => `${addresses.own()}/v1/payment-webhooks/sandbox`,
    webhookSecret: sandboxSecret(secrets),
    logger,
  })
  parts.defer(() => sandboxSender.stop(SENDER_GRACE_MS))
  return { lifecycle, sandboxSender }
}
