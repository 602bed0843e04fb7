import { SpanKind } from '@opentelemetry/api'
import { tracing } from '@opentelemetry/sdk-node'

const RECORD = { decision: tracing.SamplingDecision.RECORD_AND_SAMPLED }
const DROP = { decision: tracing.SamplingDecision.NOT_RECORD }

/** OpenTelemetry's settings of what is recorded, as they stand in the environment. */
interface SamplerSettings {
  readonly OTEL_TRACES_SAMPLER?: string | undefined
  /** A share from 0 to 1, for samplers that are a ratio. */
  readonly OTEL_TRACES_SAMPLER_ARG?: string | undefined
}

/**
 * Traces begin with requests. A caller's trace goes on here, but whether ours is kept is not the caller's to say: all are,
 * or none, or the share that OTEL_TRACES_SAMPLER_ARG gives where OTEL_TRACES_SAMPLER is a ratio.
 */
export function requestsAndJobs({
  OTEL_TRACES_SAMPLER: name = '',
  OTEL_TRACES_SAMPLER_ARG: share = '1',
}: SamplerSettings): tracing.Sampler {
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
