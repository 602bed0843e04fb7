import type { BoxofficeClient } from './client.ts'
import { readEventStream, type ServerSentEvent } from './event-stream.ts'
import { pause, waitBeforeRetry } from './patience.ts'
import { RefusedError } from './refusal.ts'
import { prepareRequest } from './request.ts'

type StreamId = 'streamBookingRequest' | 'streamShowtimeAvailability' | 'streamEventAvailability'

/**
 * Yields a stream's events over any number of connections: if one breaks, the next one continues by `Last-Event-ID`.
 * Ends when the caller stops reading. If `signal` aborts it rejects with the signal's reason, as `fetch` does, so that
 * the reader can tell this from the end of the stream.
 *
 * @throws RefusedError if a retry would not help
 */
export async function* followStream(
  client: BoxofficeClient,
  operation: StreamId,
  id: string,
  signal?: AbortSignal,
): AsyncGenerator<ServerSentEvent> {
  const params = { id }
  // An id that is none is told at once: below it would look like a broken connection.
  prepareRequest(operation, { params })
  let lastId: string | null = null
  for (let attempt = 0; ; attempt += 1) {
    let retryAfter: number | null = null
    try {
      const headers: Record<string, string> = {
        Accept: 'text/event-stream',
        ...(lastId !== null && { 'Last-Event-ID': lastId }),
      }
      const response = await client.send(operation, { params, headers, ...(signal !== undefined && { signal }) })
      if (response.body !== null) {
        for await (const event of readEventStream(response.body)) {
          attempt = 0
          lastId = event.id ?? lastId
          yield event
          signal?.throwIfAborted()
        }
      }
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof RefusedError && error.status !== 429 && error.status < 500) throw error
      if (error instanceof RefusedError) retryAfter = error.retryAfter
    }
    await pause(waitBeforeRetry(attempt, retryAfter), signal)
  }
}
