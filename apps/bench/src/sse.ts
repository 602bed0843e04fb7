import type { Pool } from 'undici'

/** More would only fill the server's queue of connections. */
const OPENING_AT_ONCE = 100

export interface StreamToFollow {
  readonly path: string
  readonly token: string | null
  /** Gets each event's name and the text of its data. */
  readonly onEvent: (event: string, data: string) => void
}

export interface FollowedStreams {
  /** All of them are. */
  readonly opened: Promise<void>
  /** All of them have. Rejects when one of them breaks. */
  readonly ended: Promise<void>
}

/** Opens streams of server-sent events, some at a time, and follows them to their ends. */
export function followStreams(pool: Pool, streams: readonly StreamToFollow[]): FollowedStreams {
  const ends: Promise<void>[] = []
  const left = streams.values()
  const openInTurn = async () => {
    for (const stream of left) {
      await new Promise<void>((resolve, reject) => {
        const end = followStream(pool, stream, resolve)
        end.catch(reject)
        ends.push(end)
      })
    }
  }
  const opened = Promise.all(Array.from({ length: OPENING_AT_ONCE }, openInTurn)).then(() => {})
  const ended = opened.then(() => Promise.all(ends)).then(() => {})
  ended.catch(() => {})
  return { opened, ended }
}

/** Resolves when the stream has ended; rejects when it is answered otherwise. */
function followStream(pool: Pool, { path, token, onEvent }: StreamToFollow, onOpen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    pool.dispatch(
      { path, method: 'GET', headers: token === null ? {} : { authorization: `Bearer ${token}` } },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, status) => {
          if (status === 200) onOpen()
          else reject(new Error(`a stream was answered ${status}`))
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
