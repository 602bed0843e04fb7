import { request } from 'undici'

/** Tells lanes to pause or to go on, over HTTP as an operator does. Throws where one does not. */
export async function changeLanes(
  { url, admin }: { readonly url: string; readonly admin: string },
  lanes: readonly number[],
  action: 'pause' | 'resume',
): Promise<void> {
  for (const lane of lanes) {
    const { statusCode, body } = await request(`${url}/v1/lanes/${lane}/${action}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'A load test fills the line' }),
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`lane ${lane} did not ${action}: it was answered ${statusCode} ${text}`)
  }
}
