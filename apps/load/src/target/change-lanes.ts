import { BoxofficeClient } from '@boxoffice/client'

const ACTIONS = { pause: 'pauseLane', resume: 'resumeLane' } as const

/** Tells lanes to pause or to go on, over HTTP as an operator does. Throws where one does not. */
export async function changeLanes(
  { url, admin }: { readonly url: string; readonly admin: string },
  lanes: readonly number[],
  action: keyof typeof ACTIONS,
): Promise<void> {
  const client = new BoxofficeClient({ baseUrl: url, token: admin })
  for (const lane of lanes) {
    await client.callPatiently(ACTIONS[action], {
      params: { lane: String(lane) },
      body: { reason: 'A load test fills the line' },
    })
  }
}
