import type { Checkout } from '@boxoffice/core/payments/provider.ts'
import { SIGNATURE_HEADER, signWebhook } from '@boxoffice/core/payments/sandbox/signature.ts'
import { describeProviderContract, type ProviderHarness } from './provider-contract.ts'
import { bodyOf, openSandbox, WEBHOOK_SECRET } from './sandbox-harness.ts'

describeProviderContract('sandbox', async (): Promise<ProviderHarness> => {
  const sandbox = await openSandbox()
  const sender = sandbox.startSender()
  const { received } = sandbox.receiver
  const playing = async (checkout: Checkout, action: string, details?: object) => {
    const before = received.length
    const result = await sandbox.play(checkout, action, details)
    if (result.kind !== 'played') throw new Error(`${action} could not be played`)
    sender.nudge()
    await sandbox.settled()
    return received.slice(before).filter((webhook) => bodyOf(webhook)['checkoutId'] === checkout.providerReference)
  }
  return {
    provider: sandbox.provider,
    approve: (checkout) => playing(checkout, 'approve'),
    approveLater: (checkout) => playing(checkout, 'approve_later', { delayS: 3_600 }),
    settle: (checkout) => playing(checkout, 'approve'),
    decline: (checkout) => playing(checkout, 'decline'),
    failFinally: (checkout) => playing(checkout, 'fail'),
    settleRefund: async ({ providerReference }) => {
      sender.nudge()
      await sandbox.settled()
      return received.filter((webhook) => bodyOf(webhook)['sandboxRefundId'] === providerReference)
    },
    sign: (body, { at, genuine }) => ({
      [SIGNATURE_HEADER]: signWebhook(body, genuine ? WEBHOOK_SECRET : `not ${WEBHOOK_SECRET}`, at.getTime()),
    }),
    close: () => sandbox.close(),
  }
})
