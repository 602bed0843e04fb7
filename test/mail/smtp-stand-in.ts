import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

export interface TakenMail {
  readonly from: string
  readonly to: readonly string[]
  /** The mail as it came, with CRLF. */
  readonly raw: string
}

/** The server's behaviour towards the mails to come; with `null` it accepts them. */
export interface Behaviour {
  readonly rcpt?: string
  readonly data?: string
  /** Never answers to this command. */
  readonly hangsAt?: 'connect' | 'DATA'
  /** Ends the connection once it has the mail, instead of answering. */
  readonly diesAfterData?: boolean
}

export interface SmtpStandIn {
  readonly url: string
  readonly taken: readonly TakenMail[]
  readonly connections: number
  behave(behaviour: Behaviour | null): void
  close(): Promise<void>
}

/** Opens a mail server that speaks as much SMTP (RFC 5321) as is needed, and misbehaves on request. */
export async function openSmtpStandIn(): Promise<SmtpStandIn> {
  const taken: TakenMail[] = []
  const sockets = new Set<Socket>()
  let behaviour: Behaviour | null = null
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    serve(
      socket,
      () => behaviour,
      (mail) => void taken.push(mail),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    taken,
    get connections() {
      return connections
    },
    behave: (next) => {
      behaviour = next
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

function serve(socket: Socket, behaviour: () => Behaviour | null, take: (mail: TakenMail) => void): void {
  const say = (line: string) => void socket.write(`${line}\r\n`)
  let buffer = ''
  let from = ''
  let to: string[] = []
  let inData = false
  if (behaviour()?.hangsAt === 'connect') return
  say('220 stand-in ESMTP')
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    buffer += chunk
    for (;;) {
      const end = buffer.indexOf(inData ? '\r\n.\r\n' : '\r\n')
      if (end < 0) return
      const line = buffer.slice(0, end)
      buffer = buffer.slice(end + (inData ? 5 : 2))
      const acts = behaviour()
      if (inData) {
        inData = false
        if (acts?.data === undefined) take({ from, to, raw: `${line.replaceAll('\r\n..', '\r\n.')}\r\n` })
        if (acts?.diesAfterData === true) socket.destroy()
        else say(acts?.data ?? '250 taken')
        continue
      }
      const command = line.toUpperCase()
      if (command.startsWith('EHLO')) say('250-stand-in\r\n250 8BITMIME')
      else if (command.startsWith('MAIL FROM:')) {
        from = line.slice(10)
        to = []
        say('250 ok')
      } else if (command.startsWith('RCPT TO:')) {
        to = [...to, /<([^>]*)>/.exec(line)?.[1] ?? '']
        say(acts?.rcpt ?? '250 ok')
      } else if (command === 'DATA') {
        if (acts?.hangsAt === 'DATA') return
        inData = true
        say('354 go on')
      } else if (command === 'QUIT') {
        say('221 bye')
        socket.end()
      } else say('250 ok')
    }
  })
}
