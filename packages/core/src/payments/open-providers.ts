import { hkdfSync } from 'node:crypto'
import type { Database } from '../db/connect.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Secrets } from '../settings/secrets.ts'
import type { Settings } from '../settings/settings.ts'
import { manualProvider } from './manual.ts'
import type { PaymentProvider } from './provider.ts'
import { paymentProviders, type PaymentProviders } from './providers.ts'
import { createSandboxProvider } from './sandbox/sandbox-provider.ts'

export interface ProviderDependencies {
  readonly settings: Pick<
    Settings,
    'PAYMENT_PROVIDER' | 'STRIPE_SECRET_KEY' | 'STRIPE_WEBHOOK_SECRET' | 'STRIPE_API_URL'
  >
  readonly secrets: Pick<Secrets, 'guestSecret'>
  readonly database: Database
  /** Address where buyers reach the API, without a slash at the end. */
  readonly publicUrl: () => string
  readonly logger: Logger
}

/** Opens the payment providers that the settings ask for. */
export async function openProviders(deps: ProviderDependencies): Promise<PaymentProviders> {
  return paymentProviders(await currentProvider(deps), manualProvider)
}

async function currentProvider(deps: ProviderDependencies): Promise<PaymentProvider> {
  const { settings, secrets, database, publicUrl, logger } = deps
  switch (settings.PAYMENT_PROVIDER) {
    case 'sandbox':
      return createSandboxProvider({ database, publicUrl, webhookSecret: sandboxSecret(secrets) })
    case 'stripe': {
      // Loaded when it is used: its SDK is large.
      const { createStripeProvider } = await import('./stripe/provider.ts')
      return createStripeProvider({
        secretKey: settings.STRIPE_SECRET_KEY ?? '',
        webhookSecret: settings.STRIPE_WEBHOOK_SECRET ?? '',
        apiUrl: settings.STRIPE_API_URL,
        fallbackReturnUrl: publicUrl,
        logger,
      })
    }
  }
}

/**
 * Returns the secret that signs the sandbox's webhooks: a key of its own, derived from a secret that all processes
 * have.
 */
export function sandboxSecret({ guestSecret }: Pick<Secrets, 'guestSecret'>): string {
  return Buffer.from(hkdfSync('sha256', guestSecret, '', 'boxoffice sandbox webhooks', 32)).toString('base64url')
}
