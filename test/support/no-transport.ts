import type { Transport } from '@boxoffice/core/queue/transport.ts'

/**
 * A transport for an API whose tests have no queue: nothing is cached, and notifying, sending and listening fail
 * because there is none.
 */
export const NO_TRANSPORT: Transport = {
  kind: 'postgres',
  notify: unreachable,
  publish: unreachable,
  subscribe: unreachable,
  queue: unreachable,
  waiting: unreachable,
  work: unreachable,
  maintenanceQueue: unreachable,
  schedule: unreachable,
  maintain: unreachable,
  availability: { get: () => Promise.resolve(null), setIfNewer: () => Promise.resolve() },
  close: () => Promise.resolve(),
}

function unreachable(): never {
  throw new Error('there is no queue')
}
