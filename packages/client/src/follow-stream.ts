import type { BoxofficeClient } from './client.ts'
import { readEventStream, type ServerSentEvent } from './event-stream.ts'
import { pause, waitBeforeRetry } from './patience.ts'
import { RefusedError } from './refusal.ts'
import type { CallOptions, OperationId } from './types.ts'

/**
 * A stream's events, over any number of connections: where one breaks, the next one says by `Last-Event-ID` how far it
 * came. Ends when the caller stops asking, or when `signal` aborts, which rejects.
 *
 * @throws RefusedError for what another try does not mend
 */
export async function* followStream<Id extends OperationId>(
  client: BoxofficeClient,
  operation: Id,
  options: CallOptions<Id>,
  signal?: AbortSignal,
): AsyncGenerator<ServerSentEvent> {
  let lastId: string | null = null
  for (let attempt = 0; ; attempt += 1) {
    let retryAfter: number | null = null
    try {
      const headers: Record<string, string> = {
        Accept: 'text/event-stream',
        ...(lastId !== null && { 'Last-Event-ID': lastId }),
      }
      const response: Response = await client.send(operation, {
        ...options,
        headers,
        ...(signal !== undefined && { signal }),
      })
      if (response.body !== null) {
        for await (const event of readEventStream(response.body)) {
          attempt = 0
          lastId = event.id ?? lastId
          yield event
        }
      }
    } catch (error) {
      if (signal?.aborted === true) throw error
      if (error instanceof RefusedError && error.status !== 429 && error.status < 500) throw error
      if (error instanceof RefusedError) retryAfter = error.retryAfter
    }
    await pause(waitBeforeRetry(attempt, retryAfter), signal)
  }
}
