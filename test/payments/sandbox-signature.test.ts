import { createHmac, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { WebhookRefusedError } from '@boxoffice/core/payments/provider.ts'
import { signWebhook, verifyWebhook } from '@boxoffice/core/payments/sandbox/signature.ts'
import { readWebhookBody } from '@boxoffice/core/payments/sandbox/webhook-body.ts'

const SECRET = 'the secret'
const NOW = Date.UTC(2026, 0, 15, 12)
const T = String(NOW / 1_000)
const BODY = Buffer.from('{"id":"evt_1"}')
const hmac = (text: string, secret = SECRET) => createHmac('sha256', secret).update(text).digest('hex')
const GOOD = hmac(`${T}.${BODY.toString()}`)

describe('the signature of a webhook', () => {
  it('is the time and an HMAC-SHA256 over the time, a dot and the body', () => {
    expect(signWebhook(BODY, SECRET, NOW)).toBe(`t=${T},v1=${GOOD}`)
    expect(signWebhook(BODY, SECRET, NOW + 999)).toBe(`t=${T},v1=${GOOD}`)
  })

  it.each([
    ['as it was sent', `t=${T},v1=${GOOD}`, NOW],
    ['five minutes later', `t=${T},v1=${GOOD}`, NOW + 300_000],
    ['by a clock five minutes behind', `t=${T},v1=${GOOD}`, NOW - 300_000],
  ])('is taken %s', (_, header, now) => {
    expect(() => verifyWebhook(BODY, header, SECRET, now)).not.toThrow()
  })

  it.each([
    ['that is missing', undefined, /is missing, or sent twice/],
    ['that is there twice', [`t=${T},v1=${GOOD}`, `t=${T},v1=${GOOD}`], /is missing, or sent twice/],
    ['that is empty', '', /malformed/],
    ['without a time', `v1=${GOOD}`, /malformed/],
    ['with a time that is no number', `t=now,v1=${GOOD}`, /malformed/],
    ['without a digest', `t=${T}`, /malformed/],
    ['with a digest cut short', `t=${T},v1=${GOOD.slice(0, -1)}`, /malformed/],
    ['with something appended', `t=${T},v1=${GOOD},v1=${GOOD}`, /malformed/],
    ['in capital letters', `t=${T},v1=${GOOD.toUpperCase()}`, /malformed/],
    ['of another secret', `t=${T},v1=${hmac(`${T}.${BODY.toString()}`, 'another')}`, /does not fit/],
    ['of another body', `t=${T},v1=${hmac(`${T}.{}`)}`, /does not fit/],
    ['of another time', `t=${Number(T) + 1},v1=${GOOD}`, /does not fit/],
    ['without a time in what is signed', `t=${T},v1=${hmac(BODY.toString())}`, /does not fit/],
  ])('is refused: one %s', (_, header, reason) => {
    const verify = () => verifyWebhook(BODY, header, SECRET, NOW)
    expect(verify).toThrow(WebhookRefusedError)
    expect(verify).toThrow(reason)
  })

  it.each([301_000, -301_000, 86_400_000])('is refused %d ms away from now', (ms) => {
    expect(() => verifyWebhook(BODY, `t=${T},v1=${GOOD}`, SECRET, NOW + ms)).toThrow(/too old/)
  })
})

describe('a signed body', () => {
  const event = { id: 'evt_1', paymentId: randomUUID(), checkoutId: 'sbx_1' }
  const read = (body: unknown) => readWebhookBody(Buffer.from(JSON.stringify(body)))

  it('means nothing where its type is not known', () => {
    expect(read({ id: 'evt_1', type: 'payout.paid' })).toBeNull()
  })

  it('may have fields that are not known', () => {
    expect(read({ ...event, type: 'payment.processing', more: 1 })).toMatchObject({ report: { status: 'processing' } })
  })

  it.each([
    ['no object', []],
    ['no type', event],
    ['no event id', { ...event, id: undefined, type: 'payment.processing' }],
    ['a payment id that is none', { ...event, paymentId: '7', type: 'payment.processing' }],
    ['no reason', { ...event, type: 'payment.declined' }],
    ['nothing captured', { ...event, type: 'payment.completed' }],
    ['half a cent', { ...event, type: 'payment.completed', captured: { amount: 0.5, currency: 'EUR' } }],
    ['an amount as text', { ...event, type: 'payment.completed', captured: { amount: '5', currency: 'EUR' } }],
    ['a currency in small letters', { ...event, type: 'payment.completed', captured: { amount: 5, currency: 'eur' } }],
  ])('is refused with %s', (_, body) => {
    expect(() => read(body)).toThrow(WebhookRefusedError)
  })

  it('is refused where it is no JSON, or not in UTF-8', () => {
    expect(() => readWebhookBody(Buffer.from('{'))).toThrow(WebhookRefusedError)
    expect(() => readWebhookBody(Buffer.from([0x22, 0xff, 0x22]))).toThrow(WebhookRefusedError)
  })
})
