import { z } from 'zod'
import { WebhookRefusedError, type ProviderEvent } from '../provider.ts'

const eventOf = <Type extends string>(type: Type) => ({ id: z.string().min(1), type: z.literal(type) })

const paymentEvent = <Type extends string>(type: Type) => ({
  ...eventOf(type),
  paymentId: z.uuid(),
  checkoutId: z.string().min(1),
})

const captured = z.object({ amount: z.int().positive(), currency: z.string().regex(/^[A-Z]{3}$/) })

/** Fields that are not listed are let through: a provider may add some at any time. */
const webhookSchema = z.discriminatedUnion('type', [
  z.object(paymentEvent('payment.processing')),
  z.object({ ...paymentEvent('payment.declined'), reason: z.string() }),
  z.object({ ...paymentEvent('payment.failed'), reason: z.string() }),
  z.object({ ...paymentEvent('payment.completed'), captured, afterCancellation: z.literal(true).optional() }),
  z.object({ ...eventOf('refund.completed'), refundId: z.uuid(), sandboxRefundId: z.string().min(1) }),
])

const KNOWN_TYPES: ReadonlySet<unknown> = new Set(webhookSchema.options.map(({ shape }) => shape.type.value))

type Webhook = z.infer<typeof webhookSchema>
type Without<Body, Field extends string> = Body extends unknown ? Omit<Body, Field> : never

/** A payment report, before it is known under which event and of which payment it is sent. */
export type SandboxReport = Without<Exclude<Webhook, { type: 'refund.completed' }>, 'id' | 'paymentId' | 'checkoutId'>

/** Returns the bytes of a webhook. They are fixed when the event happens, whenever and however often they are sent. */
export function paymentWebhook(
  eventId: string,
  checkout: { readonly id: string; readonly paymentId: string },
  report: SandboxReport,
): string {
  const { type, ...details } = report
  return JSON.stringify({ id: eventId, type, paymentId: checkout.paymentId, checkoutId: checkout.id, ...details })
}

export function refundWebhook(eventId: string, refund: { readonly id: string; readonly refundId: string }): string {
  return JSON.stringify({
    id: eventId,
    type: 'refund.completed',
    refundId: refund.refundId,
    sandboxRefundId: refund.id,
  })
}

/** Reads what was signed. `null` for a type of event that is not known. Throws `WebhookRefusedError`. */
export function readWebhookBody(rawBody: Buffer): ProviderEvent | null {
  const body = parseJson(rawBody)
  const { success, data: known } = z.object({ type: z.string() }).safeParse(body)
  if (!success) throw new WebhookRefusedError('The body is no event.')
  if (!KNOWN_TYPES.has(known.type)) return null
  const result = webhookSchema.safeParse(body)
  if (!result.success) {
    throw new WebhookRefusedError(`The body is no ${known.type} event: ${z.prettifyError(result.error)}`)
  }
  return toProviderEvent(result.data)
}

function toProviderEvent(webhook: Webhook): ProviderEvent {
  const { id: eventId, type } = webhook
  if (type === 'refund.completed') {
    const { refundId, sandboxRefundId } = webhook
    return { kind: 'refund', eventId, refundId, providerReference: sandboxRefundId, report: { status: 'completed' } }
  }
  const payment = {
    kind: 'payment',
    eventId,
    paymentId: webhook.paymentId,
    providerReference: webhook.checkoutId,
  } as const
  switch (type) {
    case 'payment.processing':
      return { ...payment, report: { status: 'processing' } }
    case 'payment.declined':
      return { ...payment, report: { status: 'declined', reason: webhook.reason } }
    case 'payment.failed':
      return { ...payment, report: { status: 'failed', reason: webhook.reason } }
    case 'payment.completed':
      return { ...payment, report: { status: 'completed', captured: webhook.captured } }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parseJson(rawBody: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(rawBody))
  } catch {
    throw new WebhookRefusedError('The body is no JSON in UTF-8.')
  }
}
