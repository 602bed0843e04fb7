import type { Pool } from 'undici'

/**
 * Opens a stream of server-sent events; `onEvent` gets each event's name and the text of its data. Resolves when the stream
 * has ended; rejects when it is answered otherwise.
 */
export function followStream(
  pool: Pool,
  path: string,
  token: string | null,
  onEvent: (event: string, data: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    pool.dispatch(
      { path, method: 'GET', headers: token === null ? {} : { authorization: `Bearer ${token}` } },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, status) => {
          if (status !== 200) reject(new Error(`a stream was answered ${status}`))
        },
        onResponseData: (_controller, chunk) => {
          text += chunk.toString('utf8')
          for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
            const lines = text.slice(0, end).split('\n')
            text = text.slice(end + 2)
            const field = (name: string) => lines.find((line) => line.startsWith(name))?.slice(name.length) ?? ''
            // Comments keep the connection alive, and say nothing.
            if (field('event: ') !== '') onEvent(field('event: '), field('data: '))
          }
        },
        onResponseEnd: () => resolve(),
        onResponseError: (_controller, error) => reject(error),
      },
    )
  })
}
