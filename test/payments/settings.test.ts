import { describe, expect, it } from 'vitest'
import { parseSettings, settingsWarnings } from '@boxoffice/core/settings/settings.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'

const PRODUCTION = {
  NODE_ENV: 'production',
  JWT_SECRET: 'j'.repeat(32),
  GUEST_SECRET: 'g'.repeat(32),
  TICKET_KEYS: Buffer.alloc(32, 1).toString('base64url'),
  METRICS_PORT: '9464',
  TRUSTED_PROXIES: 'none',
  PUBLIC_URL: 'https://tickets.example.com',
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
    expect(names).toEqual(['SMTP_URL', 'WEBHOOKS_TO_PRIVATE_ADDRESSES'])
    const careful = { ...production, SMTP_URL: 'smtps://mail.example' }
    expect(settingsWarnings(parseSettings(careful))).toEqual([])
    expect(settingsWarnings(parseSettings({}))).toEqual([])
  })

  it.each(['0.0.0.0/0', 'loopback,::/0'])('never trust everybody: TRUSTED_PROXIES=%s', (TRUSTED_PROXIES) => {
    expect(() => parseSettings({ TRUSTED_PROXIES })).toThrow('TRUSTED_PROXIES: must not be the whole internet')
  })
})

/** Returns the names of the settings with errors, in this order. */
function toldOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    parseSettings(environment)
    return []
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    return [...error.message.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => name)
  }
}

describe('what production has to say', () => {
  const production: Readonly<Record<string, string>> = { ...PRODUCTION, ...STRIPE }

  it('is not asked for elsewhere: the control', () => {
    expect(parseSettings({ SMTP_URL: 'smtps://mail.example' })).toMatchObject({ TRUSTED_PROXIES: [] })
  })

  it('is whether it has proxies, and which', () => {
    const message = 'TRUSTED_PROXIES: is required in production: the addresses of your proxies, or none'
    expect(() => parseSettings({ ...production, TRUSTED_PROXIES: '' })).toThrow(message)
    expect(parseSettings({ ...production, TRUSTED_PROXIES: 'none' }).TRUSTED_PROXIES).toEqual([])
    expect(() => parseSettings({ ...production, TRUSTED_PROXIES: 'none,loopback' })).toThrow('TRUSTED_PROXIES: must be')
  })

  it('is who may have the metrics: a token, or a port of their own', () => {
    const message = 'METRICS_TOKEN: or METRICS_PORT is required in production'
    expect(() => parseSettings({ ...production, METRICS_PORT: '' })).toThrow(message)
    expect(
      parseSettings({ ...production, METRICS_PORT: '', METRICS_TOKEN: 'm'.repeat(16) }).METRICS_PORT,
    ).toBeUndefined()
  })

  it('is where buyers reach it, once they are sent there', () => {
    const message = 'PUBLIC_URL: is required in production with PAYMENT_PROVIDER=stripe or SMTP_URL'
    expect(() => parseSettings({ ...production, PUBLIC_URL: '' })).toThrow(message)
    const sandbox = { ...PRODUCTION, PAYMENT_PROVIDER: 'sandbox', PUBLIC_URL: '' }
    expect(() => parseSettings({ ...sandbox, SMTP_URL: 'smtps://mail.example' })).toThrow(message)
    expect(parseSettings(sandbox).PUBLIC_URL).toBeUndefined()
  })

  it('is told all at once, with what is malformed, each once', () => {
    const environment = { NODE_ENV: 'production', SMTP_URL: 'smtps://mail.example', LANES: 'x', GUEST_SECRET: 'short' }
    const told = toldOf(environment)
    const missing = ['JWT_SECRET', 'TICKET_KEYS', 'METRICS_TOKEN', 'TRUSTED_PROXIES', 'PUBLIC_URL', 'PAYMENT_PROVIDER']
    expect(told).toHaveLength(missing.length + 2)
    expect(new Set(told)).toEqual(new Set([...missing, 'LANES', 'GUEST_SECRET']))
  })

  it.each([
    { TRUSTED_PROXIES: 'nowhere' },
    { METRICS_PORT: 'x' },
    { PUBLIC_URL: 'tickets.example.com' },
    { TICKET_KEYS: 'x' },
    { JWT_SECRET: 'short' },
  ])('is not asked for where it is there and malformed: %j', (malformed) => {
    expect(toldOf({ ...production, ...malformed })).toEqual(Object.keys(malformed))
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
