import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { NodeSDK, tracing } from '@opentelemetry/sdk-node'
import { BullMQOtel } from 'bullmq-otel'
import { traceStatements } from '../db/statement-tracing.ts'
import { within } from '../queue/within.ts'
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
    sampler: requestsAndJobs(),
  })
  sdk.start()
  traceStatements(traceStatement)
  return {
    traceRequest,
    queues: new BullMQOtel({ tracerName: 'boxoffice' }),
    stop: () => within(FLUSH_WITHIN_MS, 'sending traces', sdk.shutdown()).catch(() => undefined),
  }
}

const RECORD = { decision: tracing.SamplingDecision.RECORD_AND_SAMPLED }
const DROP = { decision: tracing.SamplingDecision.NOT_RECORD }

/**
 * Traces begin with requests. A caller's trace goes on here, but whether ours is kept is not the caller's to say: all are,
 * or the share that OTEL_TRACES_SAMPLER_ARG gives where OTEL_TRACES_SAMPLER is a ratio.
 */
function requestsAndJobs(): tracing.Sampler {
  const { OTEL_TRACES_SAMPLER: name = '', OTEL_TRACES_SAMPLER_ARG: share = '1' } = process.env
  const kept = name.endsWith('always_off') ? 0 : name.endsWith('traceidratio') ? Number(share) : 1
  const ratio = new tracing.TraceIdRatioBasedSampler(kept)
  const requestsOnly: tracing.Sampler = {
    shouldSample: (context, traceId, _name, kind) =>
      kind === SpanKind.SERVER ? ratio.shouldSample(context, traceId) : DROP,
    toString: () => 'RequestsOnly',
  }
  // What is no request and has a remote parent is a job, which goes along with the request that it is for.
  const remoteParentSampled: tracing.Sampler = {
    shouldSample: (context, traceId, _name, kind) =>
      kind === SpanKind.SERVER ? ratio.shouldSample(context, traceId) : RECORD,
    toString: () => 'JobsOfRequests',
  }
  return new tracing.ParentBasedSampler({
    root: requestsOnly,
    remoteParentSampled,
    remoteParentNotSampled: requestsOnly,
  })
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
