import { changeBetween } from '../domain/availability.ts'
import type { Logger } from '../logger.ts'
import type { AvailabilityService, AvailabilityView } from './availability.ts'
import { OverloadedError } from './errors.ts'

/**
 * Streams of availability, one hub per API process. What changed is worked out and serialised once per resource and
 * version, however many clients watch. Takes no locks.
 *
 * Invariant: a client that applies what it is sent in order has, after each message, what the message's version was.
 *
 * Tempting and wrong: to add a client first and read its snapshot afterwards, or the other way round with a wait in
 * between. The catch-up and the adding happen in one turn, so no change can fall between them.
 */

/** A resource is looked at no more often than this for its watchers; signals in between wait for the next look. */
const LOOK_EVERY_MS = 100
/** Signals may be lost, and sales open and close without one. */
const LOOK_AT_LEAST_EVERY_MS = 1_000
/** Changes kept per resource, for clients that come back. */
const MAX_CHANGES = 64
/** Streams of one process. */
export const MAX_WATCHERS = 10_000
/** How long the changes of a resource that nobody watches are kept, and of how many resources at most. */
const IDLE_CHANNEL_MS = 60_000
const MAX_IDLE_CHANNELS = 500
const RETRY_AFTER_SECONDS = 5

export interface AvailabilityMessage {
  readonly event: 'snapshot' | 'change'
  /** The version; comes back as `Last-Event-ID`. */
  readonly id: string
  /** One line of JSON. */
  readonly data: string
}

export interface AvailabilityWatcher {
  /** Must neither block nor throw. */
  send(message: AvailabilityMessage): void
  /** There is nothing to watch any more. */
  end(): void
}

interface Channel {
  readonly id: string
  view: AvailabilityView | null
  /** Oldest first; each leads from version `from` to that of its message, without a gap. */
  changes: { readonly from: number; readonly message: AvailabilityMessage }[]
  readonly watchers: Set<AvailabilityWatcher>
  running: Promise<void> | undefined
  next: Promise<void> | undefined
  timer: NodeJS.Timeout | undefined
  lookedMs: number
  usedMs: number
}

export class AvailabilityHub {
  readonly #service: AvailabilityService
  readonly #logger: Logger
  readonly #lookEveryMs: number
  readonly #channels = new Map<string, Channel>()
  /** Watching, or about to. */
  #watchers = 0
  #ticker: NodeJS.Timeout | undefined

  constructor(service: AvailabilityService, logger: Logger, lookEveryMs: number = LOOK_EVERY_MS) {
    this.#service = service
    this.#logger = logger
    this.#lookEveryMs = lookEveryMs
    service.observe({
      changed: (id, version) => {
        const channel = this.#channels.get(id)
        if (channel !== undefined && version > (channel.view?.version ?? -1)) this.#schedule(channel)
      },
      gap: () => this.#scheduleAll(),
    })
  }

  /**
   * Sends what is newer than `lastVersion`, or a snapshot where that is `null`, unknown or too long ago, then every
   * change. Returns a function that stops it, or `null` where the public knows of no such thing of this kind.
   * Throws `OverloadedError` when too many are watching.
   */
  async watch(
    resourceId: string,
    kind: 'showtime' | 'event',
    lastVersion: number | null,
    watcher: AvailabilityWatcher,
  ): Promise<(() => void) | null> {
    if (this.#watchers >= MAX_WATCHERS) throw new OverloadedError(RETRY_AFTER_SECONDS)
    this.#watchers += 1
    try {
      const channel = this.#open(resourceId)
      await this.#refresh(channel)
      if (channel.view?.kind === kind) {
        catchUp(channel, channel.view, lastVersion, watcher)
        channel.watchers.add(watcher)
        this.#ticker ??= setInterval(() => this.#scheduleAll(), LOOK_AT_LEAST_EVERY_MS)
        return () => this.#stop(channel, watcher)
      }
    } catch (error) {
      this.#watchers -= 1
      throw error
    }
    this.#watchers -= 1
    return null
  }

  /** Ends every stream. */
  close(): void {
    for (const channel of this.#channels.values()) this.#end(channel)
    this.#channels.clear()
  }

  #open(id: string): Channel {
    const nowMs = performance.now()
    this.#dropIdle(nowMs)
    let channel = this.#channels.get(id)
    if (channel === undefined) {
      channel = {
        id,
        view: null,
        changes: [],
        watchers: new Set(),
        running: undefined,
        next: undefined,
        timer: undefined,
        lookedMs: Number.NEGATIVE_INFINITY,
        usedMs: nowMs,
      }
      this.#channels.set(id, channel)
    }
    channel.usedMs = nowMs
    return channel
  }

  #dropIdle(nowMs: number): void {
    const idle = [...this.#channels.values()].filter(({ watchers, running }) => watchers.size === 0 && !running)
    idle.sort((a, b) => a.usedMs - b.usedMs)
    const surplus = idle.length - MAX_IDLE_CHANNELS
    idle.forEach(({ id, usedMs }, index) => {
      if (index < surplus || nowMs - usedMs > IDLE_CHANNEL_MS) this.#channels.delete(id)
    })
  }

  #stop(channel: Channel, watcher: AvailabilityWatcher): void {
    if (!channel.watchers.delete(watcher)) return
    this.#watchers -= 1
    channel.usedMs = performance.now()
    if (channel.watchers.size === 0) {
      clearTimeout(channel.timer)
      channel.timer = undefined
    }
    if ([...this.#channels.values()].every(({ watchers }) => watchers.size === 0)) {
      clearInterval(this.#ticker)
      this.#ticker = undefined
    }
  }

  #end(channel: Channel): void {
    for (const watcher of channel.watchers) {
      this.#stop(channel, watcher)
      watcher.end()
    }
  }

  #scheduleAll(): void {
    for (const channel of this.#channels.values()) this.#schedule(channel)
  }

  #schedule(channel: Channel): void {
    if (channel.watchers.size === 0 || channel.timer !== undefined) return
    const dueMs = channel.lookedMs + this.#lookEveryMs - performance.now()
    channel.timer = setTimeout(
      () => {
        channel.timer = undefined
        this.#refresh(channel).catch((error: unknown) => {
          // The next look is at most a second away.
          this.#logger.warn({ err: error, resource: channel.id }, 'availability stream: could not read')
        })
      },
      Math.max(0, dueMs),
    )
  }

  /** A look that is under way may have begun before the caller's news: the caller waits for the one after it. */
  #refresh(channel: Channel): Promise<void> {
    if (channel.running === undefined) {
      channel.running = this.#look(channel).finally(() => {
        channel.running = undefined
      })
      return channel.running
    }
    const again = () => {
      channel.next = undefined
      return this.#refresh(channel)
    }
    channel.next ??= channel.running.then(again, again)
    return channel.next
  }

  async #look(channel: Channel): Promise<void> {
    channel.lookedMs = performance.now()
    const view = await this.#service.current(channel.id)
    if (view === null) {
      this.#channels.delete(channel.id)
      channel.view = null
      this.#end(channel)
      return
    }
    const message = advance(channel, view)
    if (message === null) return
    for (const watcher of channel.watchers) watcher.send(message)
  }
}

/** Takes over the newer view and returns what tells the watchers of it; `null` where nothing changed. */
function advance(channel: Channel, view: AvailabilityView): AvailabilityMessage | null {
  const before = channel.view
  channel.view = view
  if (before === null || before.etag === view.etag) return null
  const change = view.version < before.version ? null : changeBetween(before.availability, view.availability)
  if (change === null) {
    channel.changes = []
    return snapshotOf(view)
  }
  const message: AvailabilityMessage = { event: 'change', id: String(view.version), data: JSON.stringify(change) }
  channel.changes.push({ from: before.version, message })
  if (channel.changes.length > MAX_CHANGES) channel.changes.shift()
  return message
}

function catchUp(
  channel: Channel,
  view: AvailabilityView,
  lastVersion: number | null,
  watcher: AvailabilityWatcher,
): void {
  const first = channel.changes.findIndex(({ from }) => from === lastVersion)
  if (first >= 0) {
    for (const { message } of channel.changes.slice(first)) watcher.send(message)
    return
  }
  if (lastVersion !== view.version) {
    watcher.send(snapshotOf(view))
    return
  }
  // At this version already. But sales may have opened or closed meanwhile, which makes no version.
  if (view.kind === 'event') {
    const change = changeBetween(view.availability, view.availability)
    watcher.send({ event: 'change', id: String(view.version), data: JSON.stringify(change) })
  }
}

function snapshotOf(view: AvailabilityView): AvailabilityMessage {
  return { event: 'snapshot', id: String(view.version), data: view.body }
}
