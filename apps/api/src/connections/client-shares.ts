import { MAX_WATCHERS } from '@boxoffice/core/availability/availability-hub.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import { AddressShares } from '../admission/address-shares.ts'
import { ConnectionShares } from './connection-shares.ts'
import { MAX_CONNECTIONS } from './listen.ts'
import { trustsProxy } from './trusted-proxies.ts'
import { UnreadBytes } from './unread-bytes.ts'

/**
 * A client is cut off when Node sees no progress for this long. The kernel reports progress in steps of 1.5 MB where its
 * buffers are large, 75 seconds for a client that reads 20 KB a second, which must not be cut off.
 */
const STALLED_MS = 90_000

/** Connections, streams and unread bytes of a process, shared out so that no address has all of them. */
export interface ClientShares {
  readonly connections: ConnectionShares
  readonly unread: UnreadBytes
  /** Streams of availability. */
  readonly watchers: AddressShares
}

type ShareSettings = Pick<Settings, 'LIMITS' | 'TRUSTED_PROXIES' | 'CONNECTIONS_PER_ADDRESS' | 'UNREAD_BYTES'>

/** Divides up what a process has. With `LIMITS=off` anybody may have all of it, but not be slower than `stalledMs`. */
export function clientShares(settings: ShareSettings, stalledMs: number = STALLED_MS): ClientShares {
  const share = (total: number, perAddress?: number) =>
    new AddressShares(settings.LIMITS ? { total, ...(perAddress !== undefined && { perAddress }) } : UNSHARED)
  return {
    connections: new ConnectionShares(
      share(MAX_CONNECTIONS, settings.CONNECTIONS_PER_ADDRESS),
      trustsProxy(settings.TRUSTED_PROXIES),
    ),
    unread: new UnreadBytes(share(settings.UNREAD_BYTES), stalledMs),
    watchers: share(MAX_WATCHERS),
  }
}

const UNSHARED = { total: Number.POSITIVE_INFINITY }
