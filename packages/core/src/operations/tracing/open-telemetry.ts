import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { BullMQOtel } from 'bullmq-otel'
import { traceStatements } from '../../db/statement-tracing.ts'
import { within } from '../../runtime/within.ts'
import { requestsAndJobs } from './requests-and-jobs.ts'
import type { Telemetry, TraceRequest } from './telemetry.ts'

const FLUSH_WITHIN_MS = 1_500

/**
 * Traces from HTTP through BullMQ to SQL, sent by OTLP. Begun by requests and jobs only: the polling of queues, the sweep
 * and periodic work would be most of what is sent, and say nothing.
 */
export function openTelemetry(serviceName: string): Telemetry {
  // What there is to measure is at /metrics, and logs go to stdout.
  process.env['OTEL_METRICS_EXPORTER'] ??= 'none'
  process.env['OTEL_LOGS_EXPORTER'] ??= 'none'
  // Anybody may send a request, and baggage would go along to every job.
  process.env['OTEL_PROPAGATORS'] ??= 'tracecontext'
  const sdk = new NodeSDK({
    serviceName,
    autoDetectResources: false,
    instrumentations: [],
    sampler: requestsAndJobs(process.env),
  })
  sdk.start()
  traceStatements(traceStatement)
  return {
    traceRequest,
    queues: new BullMQOtel({ tracerName: 'boxoffice' }),
    stop: () => within(FLUSH_WITHIN_MS, 'sending traces', sdk.shutdown()).catch(() => undefined),
  }
}

const tracer = trace.getTracer('boxoffice')

/** Statements of a request or a job; others would each be a trace of their own. */
function traceStatement(name: string): (error?: unknown) => void {
  if (trace.getActiveSpan() === undefined) return () => undefined
  const attributes = { 'db.system.name': 'postgresql', 'db.query.summary': name }
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes })
  return (error) => {
    // Its message may hold what was written; its class says what kind of failure it is.
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: codeOf(error) })
    span.end()
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'error'
}

const traceRequest: TraceRequest = (method, headers, requestId) => {
  const parent = propagation.extract(context.active(), headers)
  const attributes = { 'http.request.method': method, 'boxoffice.request_id': requestId }
  const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent)
  return {
    run: (work) => context.with(trace.setSpan(parent, span), work),
    end: (route, status, made) => {
      span.updateName(`${method} ${route}`)
      span.setAttributes({ 'http.route': route, 'http.response.status_code': status })
      if (made !== null) span.setAttribute('boxoffice.location', made)
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
  }
}
