import type { IncomingHttpHeaders } from 'node:http'
import type { Telemetry as QueueTelemetry } from 'bullmq'
import type { Settings } from '../../settings/settings.ts'

/** The span of one HTTP request. */
export interface ServerSpan {
  /** Runs `work` so that what it begins belongs to the request. */
  run(work: () => void): void
  /** `made` is where what the request made is found (`Location`): others of its batch share the spans of the job. */
  end(route: string, status: number, made: string | null): void
}

/** Begins the span of a request; a `traceparent` header (W3C Trace Context) is its parent. */
export type TraceRequest = (method: string, headers: IncomingHttpHeaders, requestId: string) => ServerSpan

/** The traces of a process. */
export interface Telemetry {
  /** `null` where there are none. */
  readonly traceRequest: TraceRequest | null
  /** For BullMQ's queues and workers. */
  readonly queues: QueueTelemetry | undefined
  /** Sends what was not sent yet, in bounded time. */
  stop(): Promise<void>
}

const NONE: Telemetry = { traceRequest: null, queues: undefined, stop: () => Promise.resolve() }

/**
 * Starts tracing where OTEL_EXPORTER_OTLP_ENDPOINT is set; nothing of OpenTelemetry is loaded otherwise. To be called
 * before pools and queues are opened. Its own settings (OTEL_*) are read from the environment by OpenTelemetry.
 */
export async function startTelemetry(
  settings: Pick<Settings, 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_SERVICE_NAME'>,
  serviceName: string,
): Promise<Telemetry> {
  if (settings.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return NONE
  const { openTelemetry } = await import('./open-telemetry.ts')
  return openTelemetry(settings.OTEL_SERVICE_NAME ?? serviceName)
}
