import { Cluster, Redis } from 'ioredis'

/**
 * Address of the queues. `redis://` and `rediss://` name one server; `redis-cluster://host:port,host:port` the seeds of
 * a cluster; `redis-sentinel://host:port,host:port/master` the sentinels of a master. Credentials go before `@`.
 */
export interface RedisTarget {
  readonly kind: 'single' | 'cluster' | 'sentinel'
  readonly url: string
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  readonly master: string
  readonly username: string | undefined
  readonly password: string | undefined
}

const FORM = /^(redis|rediss|redis-cluster|redis-sentinel):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/?#]+)(?:\/([^?#]*))?$/

/** Parses a `QUEUE_URL`; `null` where it has none of the forms above. */
export function parseRedisUrl(url: string): RedisTarget | null {
  const match = FORM.exec(url)
  if (match === null) return null
  const [, scheme, username, password, hosts = '', path = ''] = match
  const kind = scheme === 'redis-cluster' ? 'cluster' : scheme === 'redis-sentinel' ? 'sentinel' : 'single'
  if (kind === 'sentinel' && path === '') return null
  const nodes = hosts.split(',').map((node) => {
    const colon = node.lastIndexOf(':')
    const port = colon > 0 && !node.endsWith(']') ? Number(node.slice(colon + 1)) : kind === 'sentinel' ? 26379 : 6379
    return { host: colon > 0 && !node.endsWith(']') ? node.slice(0, colon) : node, port }
  })
  if (nodes.some(({ host, port }) => host === '' || !Number.isInteger(port) || port < 1 || port > 65_535)) return null
  if (kind === 'single' && nodes.length !== 1) return null
  const decode = (text: string | undefined) =>
    text === undefined || text === '' ? undefined : decodeURIComponent(text)
  return { kind, url, nodes, master: path, username: decode(username), password: decode(password) }
}

/** The options of ioredis that this program sets, applied to every node. */
export interface RedisConnectionOptions {
  readonly connectionName: string
  readonly connectTimeout: number
  readonly maxRetriesPerRequest: number | null
  /** `false`: commands fail at once while there is no connection. */
  readonly enableOfflineQueue: boolean
  /** Milliseconds after which an unanswered command fails. */
  readonly commandTimeout?: number
}

const retryStrategy = (times: number) => Math.min(50 * 2 ** Math.min(times, 5), 1_000)

/** Opens a connection, made in the background and made again for as long as it takes. */
export function connectRedis(target: RedisTarget, options: RedisConnectionOptions): Redis | Cluster {
  const credentials = {
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
  }
  switch (target.kind) {
    case 'single':
      return new Redis(target.url, { ...options, retryStrategy })
    case 'sentinel':
      return new Redis({ ...options, retryStrategy, ...credentials, sentinels: [...target.nodes], name: target.master })
    case 'cluster':
      return new Cluster([...target.nodes], {
        redisOptions: { ...options, ...credentials },
        enableOfflineQueue: options.enableOfflineQueue,
        clusterRetryStrategy: retryStrategy,
      })
  }
}
