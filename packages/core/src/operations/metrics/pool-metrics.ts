import { Gauge, type Registry } from 'prom-client'
import type { Database } from '../../db/connect.ts'

/** Adds metrics of how many connections of each pool are in use. */
export function addPoolMetrics(registry: Registry, pools: Readonly<Record<string, Database>>): void {
  const registers = [registry]
  new Gauge({
    name: 'boxoffice_database_connections',
    help: 'Connections of the pool, by what they do',
    labelNames: ['pool', 'state'],
    registers,
    collect: function () {
      for (const [name, { pool }] of Object.entries(pools)) {
        this.set({ pool: name, state: 'in_use' }, pool.totalCount - pool.idleCount)
        this.set({ pool: name, state: 'idle' }, pool.idleCount)
      }
    },
  })
  new Gauge({
    name: 'boxoffice_database_waiting',
    help: 'Callers that wait for a connection of the pool',
    labelNames: ['pool'],
    registers,
    collect: function () {
      for (const [name, { pool }] of Object.entries(pools)) this.set({ pool: name }, pool.waitingCount)
    },
  })
}
