import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ServerResponse } from 'node:http'

/**
 * Sends a private answer part by part, as fast as the client reads: the next part is made when there is room for it. The first
 * one is made before anything is sent, so that what it throws can still be answered. Later, the connection is cut.
 */
export async function sendPrivateParts(
  response: ServerResponse,
  status: number,
  contentType: string,
  parts: AsyncGenerator<string>,
): Promise<void> {
  const first = await parts.next()
  response.statusCode = status
  response.setHeader('Content-Type', contentType)
  response.setHeader('Cache-Control', 'no-store')
  try {
    await pipeline(Readable.from(startingWith(first, parts)), response)
  } catch (error) {
    // Whoever has gone away needs no answer.
    if (!response.destroyed || !isPrematureClose(error)) throw error
  }
}

async function* startingWith(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (first.done === true) return
  yield first.value
  yield* rest
}

const isPrematureClose = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
