import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'

/** Clients that send a request before the last one is answered send a few; most send none. */
const MAX_PIPELINED = 16

/**
 * Closes a connection that has more than a few requests waiting behind an unanswered one. They are worked on as they come,
 * and each answer is kept until those before it are sent: a thousand of them fit into one packet.
 */
export function refusePipelined(app: RequestListener, most: number = MAX_PIPELINED): RequestListener {
  const waiting = new WeakMap<Socket, number>()
  return (request, response) => {
    const { socket } = request
    // Node gives the connection to one answer at a time.
    if (response.socket === null) {
      const before = waiting.get(socket) ?? 0
      if (before >= most) socket.destroy()
      if (socket.destroyed) return
      waiting.set(socket, before + 1)
      response.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1))
    }
    app(request, response)
  }
}
