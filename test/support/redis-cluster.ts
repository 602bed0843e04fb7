import { Redis } from 'ioredis'
import { eventually } from './eventually.ts'
import { startRedis } from './redis.ts'

const NODES = 3
const SLOTS = 16_384

export interface TestRedisCluster {
  /** The address as a value of `QUEUE_URL`. */
  readonly url: string
  /** Counts the nodes that hold any key. */
  nodesWithKeys(): Promise<number>
  stop(): Promise<void>
}

/** Starts a cluster of three masters on this machine. Guard the suite with `hasRedis()`. */
export async function startRedisCluster(): Promise<TestRedisCluster> {
  const servers = await Promise.all(Array.from({ length: NODES }, () => startRedis({ cluster: true })))
  const clients = servers.map(({ url }) => new Redis(url))
  try {
    await Promise.all(
      clients.map(async (client, index) => {
        const [from, to] = [Math.ceil((index * SLOTS) / NODES), Math.ceil(((index + 1) * SLOTS) / NODES)]
        await client.cluster('ADDSLOTS', ...Array.from({ length: to - from }, (_, slot) => from + slot))
        await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
      }),
    )
    for (const client of clients.slice(1)) await client.call('CLUSTER', 'MEET', '127.0.0.1', servers[0]?.port ?? 0)
    await eventually(
      async () => {
        for (const client of clients) {
          const info = String(await client.call('CLUSTER', 'INFO'))
          if (!info.includes('cluster_state:ok') || !info.includes(`cluster_known_nodes:${NODES}`)) {
            throw new Error(`the cluster is not formed yet:\n${info}`)
          }
        }
      },
      { withinMs: 20_000 },
    )
  } catch (error) {
    for (const client of clients) client.disconnect()
    await Promise.all(servers.map((server) => server.stop()))
    throw error
  }
  return {
    url: `redis-cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodesWithKeys: async () => {
      const sizes = await Promise.all(clients.map((client) => client.dbsize()))
      return sizes.filter((size) => size > 0).length
    },
    stop: async () => {
      for (const client of clients) client.disconnect()
      await Promise.all(servers.map((server) => server.stop()))
    },
  }
}
