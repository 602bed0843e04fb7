import { type Context, ROOT_CONTEXT, SpanKind, trace, TraceFlags } from '@opentelemetry/api'
import { describe, expect, it } from 'vitest'
import { requestsAndJobs } from '@boxoffice/core/operations/tracing/requests-and-jobs.ts'

type Sampler = ReturnType<typeof requestsAndJobs>

/** Ids that are spread as those of callers are. */
const TRACE_IDS = Array.from(
  { length: 400 },
  (_, n) => `${'0'.repeat(24)}${((n + 1) * 10_737_418).toString(16).padStart(8, '0')}`,
)

/** Returns a context with a parent span: one of this process, or one that came with a header or a job. */
function below(traceId: string, parent: 'none' | 'local' | 'remote', sampled: boolean): Context {
  if (parent === 'none') return ROOT_CONTEXT
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: '00f067aa0ba902b7',
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: parent === 'remote',
  })
}

/** Counts the traces that are recorded. */
function recorded(sampler: Sampler, kind: SpanKind, parent: 'none' | 'local' | 'remote', sampled = false): number {
  const isRecorded = (traceId: string) =>
    sampler.shouldSample(below(traceId, parent, sampled), traceId, 'any', kind, {}, []).decision !== 0
  return TRACE_IDS.filter(isRecorded).length
}

const ALL = TRACE_IDS.length

describe('the decision to record a request', () => {
  it.each([
    [{}, ALL],
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, ALL],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_on' }, ALL],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }, ALL / 4],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }, ALL / 4],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio' }, ALL],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, 0],
  ])('by %j is the same whatever its caller does with the trace: %i of 400', (settings, expected) => {
    const sampler = requestsAndJobs(settings)
    const counts = {
      'no parent': recorded(sampler, SpanKind.SERVER, 'none'),
      'a parent that is kept': recorded(sampler, SpanKind.SERVER, 'remote', true),
      'a parent that is not': recorded(sampler, SpanKind.SERVER, 'remote', false),
    }
    expect(counts).toEqual({
      'no parent': expected,
      'a parent that is kept': expected,
      'a parent that is not': expected,
    })
  })
})

describe('a span that is no request', () => {
  const seldom = requestsAndJobs({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' })
  const always = requestsAndJobs({})

  it.each([
    ['statements', SpanKind.CLIENT, 'local'],
    ['notifications', SpanKind.PRODUCER, 'local'],
    ['jobs', SpanKind.CONSUMER, 'remote'],
  ] as const)('is recorded where its request is: %s', (_what, kind, parent) => {
    for (const sampler of [seldom, always]) {
      expect(recorded(sampler, kind, parent, true)).toBe(ALL)
      expect(recorded(sampler, kind, parent, false)).toBe(0)
    }
  })

  it.each([SpanKind.INTERNAL, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER])(
    'is not recorded without one: kind %i',
    (kind) => {
      for (const sampler of [seldom, always]) expect(recorded(sampler, kind, 'none')).toBe(0)
    },
  )
})
