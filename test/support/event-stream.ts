export interface ReceivedEvent {
  readonly event: string
  readonly id: string | undefined
  /** Parsed JSON. */
  readonly data: unknown
}

export interface OpenStream {
  readonly response: Response
  /**
   * Returns the next event; rejects after `withinMs` (5 s by default) or at the end of the stream. Comments are
   * skipped.
   */
  next(withinMs?: number): Promise<ReceivedEvent>
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>
  close(): void
}

/** Opens a stream of server-sent events as a browser's fetch would. */
export async function openStream(url: string, headers: Readonly<Record<string, string>> = {}): Promise<OpenStream> {
  const controller = new AbortController()
  const response = await fetch(url, { headers, signal: controller.signal })
  const received: ReceivedEvent[] = []
  let wake: () => void = () => {}
  let over = false
  const read = async () => {
    let text = ''
    try {
      for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
        const blocks = (text + chunk).split('\n\n')
        text = blocks.pop() ?? ''
        received.push(...blocks.flatMap(parseEvent))
        wake()
      }
    } catch {
      // Aborted by `close`, or broken off by the server.
    }
    over = true
    wake()
  }
  const ended = read()
  const next = async (withinMs = 5_000): Promise<ReceivedEvent> => {
    const deadline = Date.now() + withinMs
    for (;;) {
      const event = received.shift()
      if (event !== undefined) return event
      if (over) throw new Error('the stream has ended')
      const leftMs = deadline - Date.now()
      if (leftMs <= 0) throw new Error(`no event within ${withinMs} ms`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
  return { response, next, ended, close: () => controller.abort() }
}

function parseEvent(block: string): ReceivedEvent[] {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const event = fields.get('event')
  if (event === undefined) return []
  return [{ event, id: fields.get('id'), data: JSON.parse(fields.get('data') ?? 'null') }]
}
