import { createServer } from 'node:http'
import { z } from 'zod'
import { listenOnLoopback } from './loopback-server.ts'

export interface ReceivedSpan {
  readonly service: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  readonly kind: number
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface TraceReceiver {
  readonly url: string
  readonly spans: readonly ReceivedSpan[]
  /** Returns everything received, as text. */
  text(): string
  close(): Promise<void>
}

const attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().default(''),
  name: z.string(),
  kind: z.number(),
  attributes: z.array(attribute).default([]),
})
const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attribute) }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
})

const valuesOf = (attributes: z.infer<typeof attribute>[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

/** Takes traces as a collector does: OTLP over HTTP, as JSON (OTEL_EXPORTER_OTLP_PROTOCOL=http/json). */
export async function startTraceReceiver(): Promise<TraceReceiver> {
  const spans: ReceivedSpan[] = []
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => void (body += chunk))
    request.on('end', () => {
      bodies.push(body)
      for (const { resource, scopeSpans } of exported.parse(JSON.parse(body)).resourceSpans) {
        const service = String(valuesOf(resource.attributes)['service.name'])
        for (const { spans: received } of scopeSpans) {
          spans.push(...received.map((each) => ({ ...each, service, attributes: valuesOf(each.attributes) })))
        }
      }
      response.setHeader('Content-Type', 'application/json').end('{}')
    })
  })
  const { url, close } = await listenOnLoopback(server)
  return {
    url,
    spans,
    text: () => bodies.join('\n'),
    close,
  }
}
