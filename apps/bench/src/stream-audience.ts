import { Agent, type ClientRequest, request } from 'node:http'
import type { StreamPlan, StreamTotals } from './stream-plan.ts'

/** At once; more would only fill the server's queue of connections. */
const OPENING_AT_ONCE = 50
const MAX_PROBLEMS = 5

export interface Audience {
  readonly opened: number
  /** Closes all streams. */
  close(): StreamTotals
}

/** Opens all the streams and keeps reading them. */
export async function openAudience({ url, streams }: StreamPlan): Promise<Audience> {
  const agent = new Agent({ keepAlive: false, maxSockets: Infinity })
  const requests: ClientRequest[] = []
  const problems: string[] = []
  const count = { opened: 0, events: 0, ended: 0 }
  const state = { closing: false }
  const note = (problem: string) => {
    if (!state.closing && problems.length < MAX_PROBLEMS) problems.push(problem)
  }

  /** Resolves when the server has answered, or refused to. */
  const open = ({ id, token }: StreamPlan['streams'][number]) =>
    new Promise<void>((resolve) => {
      const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
      const sent = request(`${url}/v1/booking-requests/${id}/stream`, { agent, headers }, (response) => {
        response.once('error', (error) => note(`a stream broke: ${error.message}`))
        if (response.statusCode === 200) {
          count.opened++
          readEvents(response, () => count.events++)
          response.once('end', () => count.ended++)
        } else {
          note(`a stream was answered ${response.statusCode}`)
          response.resume()
        }
        resolve()
      })
      sent.once('error', (error) => {
        note(`a stream failed: ${error.message}`)
        resolve()
      })
      sent.end()
      requests.push(sent)
    })

  const left = streams.values()
  await Promise.all(
    Array.from({ length: OPENING_AT_ONCE }, async () => {
      for (const stream of left) await open(stream)
    }),
  )
  return {
    opened: count.opened,
    close: () => {
      state.closing = true
      for (const sent of requests) sent.destroy()
      return { events: count.events, ended: count.ended, problems }
    },
  }
}

/** An event begins with its data on a line of its own; one may be split over two chunks. */
function readEvents(response: NodeJS.ReadableStream, onEvent: () => void): void {
  let rest = ''
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('data:')) onEvent()
  })
}
