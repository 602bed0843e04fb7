import { beforeEach, describe, expect, it } from 'vitest'
import type { CheckoutOrder } from '@boxoffice/core/payments/provider.ts'
import { sharedSandbox } from './sandbox-harness.ts'
import { serveSandboxPage } from './sandbox-page.ts'
import { shared } from '../support/shared.ts'

const sandbox = sharedSandbox()
const page = shared(
  () => serveSandboxPage(sandbox),
  (opened) => opened.close(),
)

let order: CheckoutOrder
let url: string
beforeEach(async () => {
  await given({})
})

async function given(changes: Partial<CheckoutOrder>): Promise<void> {
  const begun = await sandbox.begin(changes)
  order = begun.order
  url = page.addressOf(begun.checkout)
}

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
const PROGRAM = { accept: 'application/json' }

const open = async (address = url, headers: Record<string, string> = BROWSER) => {
  const response = await fetch(address, { headers, redirect: 'manual' })
  return { response, text: await response.text() }
}
const post = async (body: string, headers: Record<string, string>, address = url) => {
  const response = await fetch(address, { method: 'POST', body, headers, redirect: 'manual' })
  return { response, text: await response.text() }
}
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_BODY = { 'content-type': 'application/json' }
const find = () => sandbox.provider.findPayment({ paymentId: order.paymentId, providerReference: null })

describe('the checkout page', () => {
  it('says what is paid, how much, for which booking, and that no money moves', async () => {
    const { response, text } = await open()
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    for (const part of ['Farol Cinema, 2 seats: E5, E6', 'Pay 24.72 EUR', 'ABCD2345', 'no money moves']) {
      expect(text).toContain(part)
    }
  })

  it('counts a currency in its own minor unit', async () => {
    await given({ amount: 1_250, currency: 'KWD' })
    expect((await open()).text).toContain('Pay 1.250 KWD')
  })

  it('offers every case with a button of its own', async () => {
    const { text } = await open()
    const offered = [...text.matchAll(/name="action" value="(\w+)"/g)].map(([, value]) => value)
    expect(offered).toEqual([
      'approve',
      'approve_later',
      'decline',
      'fail',
      'approve_twice',
      'approve_out_of_order',
      'approve_silently',
      'approve_wrong_amount',
      'approve_wrong_currency',
    ])
    expect(text).toContain('24.71 EUR is taken instead of 24.72 EUR.')
    expect(text).toContain('24.72 USD is taken instead of 24.72 EUR.')
  })

  it('shows what a person wrote as text, whatever it is', async () => {
    const description = `<script>alert("1")</script> & 'Ä' <img src=x onerror=alert(1)>`
    await given({ description, bookingReference: '<b>', returnUrl: `https://shop.example/?a="><script>&b='` })
    const { text } = await open()
    expect(text).not.toContain('<script')
    expect(text).not.toContain('<img')
    expect(text).not.toContain('<b>')
    expect(text).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Ä&#39;')
    expect(text).toContain('href="https://shop.example/?a=&quot;&gt;&lt;script&gt;&amp;b=&#39;"')
  })

  it('leads nowhere but to the web', async () => {
    // Only a change by hand in the database lets this in.
    await sandbox.db.database.pool.query('update sandbox_checkouts set return_url = $1 where payment_id = $2', [
      'javascript:alert(1)',
      order.paymentId,
    ])
    expect((await open()).text).not.toContain('javascript:')
  })

  it('lets nothing in but its own style, is framed by nobody and kept by nobody', async () => {
    const { response, text } = await open()
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(text).not.toMatch(/ style=| on\w+=/)
  })

  it('is JSON for those who ask for it', async () => {
    const { response, text } = await open(url, PROGRAM)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(JSON.parse(text)).toMatchObject({ status: 'open', amount: 2_472, currency: 'EUR', captured: null })
  })

  it('looks again by itself when a payment should be through', async () => {
    await post('action=approve_later&delayS=30', FORM)
    const { text } = await open()
    expect(text).toMatch(/<meta http-equiv="refresh" content="3[01]"/)
    expect(text).toContain('being processed')
  })

  it.each([['sbx_AAAAAAAAAAAAAAAAAAAAAAAA'], ['nothing'], ['%00']])(
    'is not there under another address: %s',
    async (id) => {
      const address = `${page.url}/sandbox/checkouts/${id}`
      for (const answer of [await open(address), await post('action=approve', { ...FORM, ...BROWSER }, address)]) {
        expect(answer.response.status).toBe(404)
        expect(answer.text).toContain('This payment page does not exist')
      }
      for (const headers of [PROGRAM, { accept: '*/*' }]) {
        for (const answer of [
          await open(address, headers),
          await post('action=approve', { ...FORM, ...headers }, address),
        ]) {
          expect(answer.response.status).toBe(404)
          expect(JSON.parse(answer.text)).toMatchObject({ code: 'not_found' })
        }
      }
    },
  )
})

describe('playing', () => {
  it('by a form leads back to the page, which shows what became of it', async () => {
    const { response } = await post('action=approve', { ...FORM, ...BROWSER })
    expect(response.status).toBe(303)
    const { text } = await open(new URL(response.headers.get('location') ?? '', url).href)
    expect(text).toContain('Paid: 24.72 EUR')
    expect(text).toContain('href="https://shop.example/thanks"')
    expect(text).not.toContain('<form')
    expect(await find()).toMatchObject({ status: 'completed' })
  })

  it('nudges the sender', async () => {
    const before = page.nudges()
    await post('action=approve', FORM)
    expect(page.nudges()).toBe(before + 1)
  })

  it.each([
    ['a form, as curl -d sends it', 'action=approve_later&delayS=5', { ...FORM, ...PROGRAM }],
    ['JSON', '{"action":"approve_later","delayS":5}', { ...JSON_BODY, ...PROGRAM }],
  ])('by %s answers JSON to those who ask for it', async (_, body, headers) => {
    const { response, text } = await post(body, headers)
    expect(response.status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({
      status: 'processing',
      completesAt: expect.stringMatching(/Z$/),
      actions: ['approve', 'fail'],
    })
  })

  it('says so when a card was declined, and lets the buyer try again', async () => {
    await post('action=decline', FORM)
    const { text } = await open()
    expect(text).toContain('role="alert"')
    expect(text).toContain('The card was declined.')
    expect(text).toContain('Pay 24.72 EUR')
  })

  it('says when it was not the amount that was asked for', async () => {
    await post('action=approve_wrong_amount', FORM)
    const { text } = await open()
    expect(text).toContain('Paid: 24.71 EUR')
    expect(text).toContain('differs from the requested 24.72 EUR')
  })

  it('on a page that is closed takes the money only as an express wish', async () => {
    await sandbox.provider.cancelCheckout({ paymentId: order.paymentId, providerReference: null })
    const closed = (await open()).text
    expect(closed).toContain('This page is closed')
    expect(closed).toContain('value="approve_cancelled"')
    expect((await post('action=approve_cancelled', FORM)).response.status).toBe(303)
    expect(await find()).toMatchObject({ status: 'completed' })
  })

  it('on a checkout that is over changes nothing, and says why', async () => {
    await post('action=fail', FORM)
    const forPerson = await post('action=approve', { ...FORM, ...BROWSER })
    expect(forPerson.response.status).toBe(409)
    expect(forPerson.text).toContain('The payment failed for good. Nothing was changed.')
    for (const headers of [PROGRAM, { accept: '*/*' }]) {
      const forProgram = await post('action=approve', { ...FORM, ...headers })
      expect(forProgram.response.status).toBe(409)
      expect(JSON.parse(forProgram.text)).toMatchObject({
        code: 'invalid_transition',
        detail: 'The payment failed for good.',
        current: 'failed',
        actions: [],
      })
    }
  })

  it.each([
    ['nothing', '', FORM],
    ['an unknown action', 'action=steal', FORM],
    ['two actions', 'action=approve&action=fail', FORM],
    ['a field too many', 'action=approve&amount=1', FORM],
    ['no delay', 'action=approve_later&delayS=', FORM],
    ['an endless delay', 'action=approve_later&delayS=3601', FORM],
    ['JSON that is no object', '"approve"', JSON_BODY],
    ['a delay that is no number', '{"action":"approve_later","delayS":true}', JSON_BODY],
    ['broken JSON', '{', JSON_BODY],
  ])('is refused with %s', async (_, body, headers) => {
    const forProgram = await post(body, headers)
    expect(forProgram.response.status).toBe(400)
    expect(forProgram.response.headers.get('content-type')).toBe('application/problem+json')
    expect(await find()).toEqual({ status: 'open' })
  })

  it('gives a person who typed nonsense the page back', async () => {
    const { response, text } = await post('action=approve_later&delayS=0', { ...FORM, ...BROWSER })
    expect(response.status).toBe(400)
    expect(text).toContain('Must be at least 1.')
    expect(text).toContain('Pay 24.72 EUR')
  })

  it.each([
    ['too large', `action=approve&x=${'x'.repeat(5_000)}`, FORM, 413],
    ['of too many fields', Array.from({ length: 30 }, (__, n) => `a${n}=`).join('&'), FORM, 413],
    ['compressed', 'action=approve', { ...FORM, 'content-encoding': 'gzip' }, 415],
    ['in another charset', 'action=approve', { 'content-type': `${FORM['content-type']}; charset=utf-7` }, 415],
    ['of another type', 'action=approve', { 'content-type': 'text/plain' }, 415],
  ])('is refused by a body that is %s', async (_, body, headers, status) => {
    const { response, text } = await post(body, headers)
    expect(response.status).toBe(status)
    expect(JSON.parse(text)).toMatchObject({ status })
    expect(await find()).toEqual({ status: 'open' })
  })
})
