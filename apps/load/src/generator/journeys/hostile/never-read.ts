import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Journey, JourneyContext } from '../../journey-context.ts'
import type { HostileAct } from './act.ts'

const CONNECTED_WITHIN_MS = 5_000
/** The last look waits this long for the end of a connection that the server has closed. */
const LAST_LOOK_MS = 250

/**
 * Opens a connection of its own, asks and reads nothing: the server keeps what it answers, until it ends the connection or
 * its time is over. Counts which of both it was, and the status of the first answer, which is read only then.
 */
export function neverRead(
  { paths, calls, untilMs }: Extract<HostileAct, { name: 'never-read' }>,
  context: JourneyContext,
): Journey {
  const { hostname, port, host } = new URL(context.url)
  let turn = 0
  return async (visit) => {
    const path = paths[turn++ % paths.length] ?? '/'
    const { localAddress } = visit.customer
    const socket = connect({ host: hostname, port: Number(port), ...(localAddress !== null && { localAddress }) })
    // Nothing is read, so that nothing is heard of the connection's end either, before the last look.
    socket.pause()
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECTED_WITHIN_MS) })
      socket.on('error', () => {})
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\n\r\n`.repeat(calls))
      visit.tally.step('connected')
      await context.pause(untilMs - context.now())
      const { status, ended } = await lastLook(socket)
      visit.tally.answered(status)
      visit.tally.step(ended ? 'cut off' : 'stayed')
    } catch {
      visit.tally.answered(0)
      visit.tally.step('not connected')
    } finally {
      socket.destroy()
    }
  }
}

/** Reads what has come in the meantime. `status` is 0 where nothing has. */
async function lastLook(socket: Socket): Promise<{ readonly status: number; readonly ended: boolean }> {
  let status = 0
  let ended = false
  socket.once('data', (chunk: Buffer) => {
    const [, number = '0'] = /^HTTP\/1\.1 (\d{3})/.exec(chunk.toString('latin1')) ?? []
    status = Number(number)
  })
  for (const event of ['end', 'close']) socket.once(event, () => (ended = true))
  socket.resume()
  await pause(LAST_LOOK_MS)
  return { status, ended }
}
