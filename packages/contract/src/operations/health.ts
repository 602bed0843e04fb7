import { operation } from '../operation.ts'
import { live, ready } from '../schemas/health.ts'

const tag = 'Operations'

export const getLiveness = operation({
  id: 'getLiveness',
  method: 'get',
  path: '/livez',
  tag,
  summary: 'Check that the process runs',
  access: 'anyone',
  scope: null,
  limit: 'none',
  answers: { 200: { description: 'It runs', schema: live, example: { status: 'live' } } },
  problems: [],
})

export const getReadiness = operation({
  id: 'getReadiness',
  method: 'get',
  path: '/readyz',
  tag,
  summary: 'Check that the process can accept requests',
  description:
    '503 `unavailable` has `checks` too, which say what is wrong. An unreachable queue is reported and causes no 503: requests are accepted and decided without it.',
  access: 'anyone',
  scope: null,
  limit: 'none',
  answers: {
    200: {
      description: 'It can accept requests',
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
  summary: 'Scrape the metrics of the process',
  description:
    'In the format of Prometheus. If METRICS_TOKEN is set, send it as `Authorization: Bearer`. If METRICS_PORT is set, the metrics are on that port alone, and this is 404.',
  access: 'anyone',
  scope: null,
  limit: 'read',
  answers: { 200: { description: 'The metrics', contentType: 'text/plain' } },
  problems: ['unauthenticated', 'not_found'],
})
