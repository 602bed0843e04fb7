import type { PaymentProvider } from './provider.ts'
import { ProviderUnavailableError } from './provider.ts'

/** The providers of an instance: one that new payments are started with, and all that old ones may belong to. */
export interface PaymentProviders {
  readonly current: PaymentProvider
  /** Providers by name, as a payment's row has it. */
  readonly all: ReadonlyMap<string, PaymentProvider>
}

/**
 * Returns the provider of a payment. Throws `ProviderUnavailableError` if this instance is not set up for it (any
 * more).
 */
export function providerOf(providers: PaymentProviders, name: string): PaymentProvider {
  const provider = providers.all.get(name)
  if (provider === undefined) throw new ProviderUnavailableError(`The payment provider ${name} is not set up here.`)
  return provider
}

export function paymentProviders(current: PaymentProvider, ...others: readonly PaymentProvider[]): PaymentProviders {
  return { current, all: new Map([current, ...others].map((provider) => [provider.name, provider])) }
}
