import { BoxofficeClient } from '@boxoffice/client'

const ACTIONS = { pause: 'pauseEvent', resume: 'resumeEvent' } as const

/** Tells the lines of events to pause or to go on, over HTTP as an operator does. Throws where one does not. */
export async function changeLines(
  { url, admin }: { readonly url: string; readonly admin: string },
  eventIds: readonly string[],
  action: keyof typeof ACTIONS,
): Promise<void> {
  const client = new BoxofficeClient({ baseUrl: url, token: admin })
  for (const id of eventIds) {
    await client.callPatiently(ACTIONS[action], { params: { id }, body: { reason: 'A load test fills the line' } })
  }
}
