import { describe, expect, it } from 'vitest'
import { parseSettings, settingsWarnings } from '@boxoffice/core/settings.ts'

const PRODUCTION = {
  NODE_ENV: 'production',
  JWT_SECRET: 'j'.repeat(32),
  GUEST_SECRET: 'g'.repeat(32),
  TICKET_KEYS: Buffer.alloc(32, 1).toString('base64url'),
}
const STRIPE = { PAYMENT_PROVIDER: 'stripe', STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' }

describe('PAYMENT_PROVIDER', () => {
  it('is the sandbox unless someone says otherwise', () => {
    expect(parseSettings({}).PAYMENT_PROVIDER).toBe('sandbox')
  })

  it('has to be chosen in production, be it the sandbox', () => {
    expect(() => parseSettings(PRODUCTION)).toThrow(
      'PAYMENT_PROVIDER: is required in production: stripe, or sandbox to play',
    )
    expect(parseSettings({ ...PRODUCTION, PAYMENT_PROVIDER: 'sandbox' }).PAYMENT_PROVIDER).toBe('sandbox')
    expect(parseSettings({ ...PRODUCTION, ...STRIPE }).PAYMENT_PROVIDER).toBe('stripe')
  })

  it('stripe needs its two secrets, and the sandbox neither', () => {
    expect(() => parseSettings({ ...STRIPE, STRIPE_SECRET_KEY: '', STRIPE_WEBHOOK_SECRET: '' })).toThrow(
      'STRIPE_SECRET_KEY: is required with PAYMENT_PROVIDER=stripe\n' +
        '  STRIPE_WEBHOOK_SECRET: is required with PAYMENT_PROVIDER=stripe',
    )
    expect(() => parseSettings({ ...STRIPE, STRIPE_WEBHOOK_SECRET: '' })).toThrow('STRIPE_WEBHOOK_SECRET')
    expect(parseSettings(STRIPE)).toMatchObject(STRIPE)
  })

  it('is one of the two', () => {
    expect(() => parseSettings({ PAYMENT_PROVIDER: 'cash' })).toThrow('PAYMENT_PROVIDER')
  })
})

describe('settings of production', () => {
  const production = { ...PRODUCTION, ...STRIPE }

  it('that are mostly a mistake are warned of', () => {
    const names = settingsWarnings(parseSettings({ ...production, WEBHOOKS_TO_PRIVATE_ADDRESSES: 'on' })).map(
      (warning) => warning.split(' ')[0],
    )
    expect(names).toEqual(['METRICS_TOKEN', 'SMTP_URL', 'WEBHOOKS_TO_PRIVATE_ADDRESSES'])
    const careful = { ...production, METRICS_TOKEN: 'm'.repeat(16), SMTP_URL: 'smtps://mail.example' }
    expect(settingsWarnings(parseSettings(careful))).toEqual([])
    expect(settingsWarnings(parseSettings({}))).toEqual([])
  })

  it.each(['0.0.0.0/0', 'loopback,::/0'])('never trust everybody: TRUSTED_PROXIES=%s', (TRUSTED_PROXIES) => {
    expect(() => parseSettings({ TRUSTED_PROXIES })).toThrow('TRUSTED_PROXIES: must not be the whole internet')
  })
})

describe('PUBLIC_URL', () => {
  it('is a web address without a slash at its end', () => {
    expect(parseSettings({ PUBLIC_URL: 'https://tickets.example.com/api' }).PUBLIC_URL).toMatch(/api$/)
    for (const url of ['https://tickets.example.com/', 'tickets.example.com', 'ftp://tickets.example.com']) {
      expect(() => parseSettings({ PUBLIC_URL: url })).toThrow('PUBLIC_URL')
    }
  })
})
