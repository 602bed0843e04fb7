import { operation } from '../operation.ts'
import { live, ready } from '../schemas/health.ts'

const tag = 'Operations'

export const getLiveness = operation({
  id: 'getLiveness',
  method: 'get',
  path: '/livez',
  tag,
  summary: 'Whether the process runs',
  access: 'anyone',
  scope: null,
  limit: 'none',
  answers: { 200: { description: 'It does', schema: live, example: { status: 'live' } } },
  problems: [],
})

export const getReadiness = operation({
  id: 'getReadiness',
  method: 'get',
  path: '/readyz',
  tag,
  summary: 'Whether the process can take requests',
  description:
    '503 `unavailable` has `checks` too, which say what is wrong. An unreachable queue is told of and is no reason for a 503: requests are accepted and decided without it.',
  access: 'anyone',
  scope: null,
  limit: 'none',
  answers: {
    200: {
      description: 'It can',
      schema: ready,
      example: {
        status: 'ready',
        checks: { running: { ok: true }, database: { ok: true }, schema: { ok: true }, queue: { ok: true } },
      },
    },
  },
  problems: [],
})

export const getMetrics = operation({
  id: 'getMetrics',
  method: 'get',
  path: '/metrics',
  tag,
  summary: 'The metrics of the process, for Prometheus',
  description:
    'With METRICS_TOKEN set it has to be sent as `Authorization: Bearer`. With METRICS_PORT set the metrics are on that port alone, and this is 404.',
  access: 'anyone',
  scope: null,
  limit: 'read',
  answers: { 200: { description: 'The metrics', contentType: 'text/plain' } },
  problems: ['unauthenticated', 'not_found'],
})
