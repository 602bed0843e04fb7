/** One server-sent event. */
export interface ServerSentEvent {
  readonly event: string
  readonly data: string
  /** The last `id:` that the stream has sent. */
  readonly id: string | null
}

/** Reads a `text/event-stream` body (WHATWG HTML section 9.2) until it ends. */
export async function* readEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let id: string | null = null
  let event = ''
  let data: string[] = []
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      text += decoder.decode(value, { stream: true })
      const lines = text.split(/\r\n|\n|\r(?!$)/)
      text = lines.pop() ?? ''
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0) yield { event: event === '' ? 'message' : event, data: data.join('\n'), id }
          event = ''
          data = []
          continue
        }
        const [, field, content = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
        if (field === 'data') data.push(content)
        else if (field === 'event') event = content
        else if (field === 'id' && !content.includes('\0')) id = content
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
