import { setImmediate as letOthersRun } from 'node:timers/promises'
import { ByteCache } from '../runtime/byte-cache.ts'
import { listBytes, STREAMS_BYTES } from '../settings/cache-budgets.ts'
import { changeBetween } from '../domain/availability.ts'
import type { Logger } from '../runtime/logger.ts'
import { Problem } from '../use-case/problem.ts'
import { type AvailabilityService, type AvailabilityView, viewBytes } from './availability.ts'

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
/** Changes kept per resource, for clients that come back, and their size. */
const MAX_CHANGES = 64
const MAX_CHANGES_BYTES = 262_144
/** Streams of one process. */
export const MAX_WATCHERS = 10_000
/** A socket takes some 30 µs. */
const SENT_AT_ONCE = 100
/** Time that the changes of a resource are kept while nobody watches it, and the number of such resources. */
const IDLE_CHANNEL_MS = 60_000
const MAX_IDLE_CHANNELS = 500
const RETRY_AFTER_SECONDS = 5

export interface AvailabilityMessage {
  readonly event: 'snapshot' | 'change'
  /** The version; comes back as `Last-Event-ID`. */
  readonly id: string
  /** One line of JSON, for all who watch: never written to. */
  readonly data: Buffer
}

export interface AvailabilityWatcher {
  /** Must neither block nor throw. */
  send(message: AvailabilityMessage): void
  /** There is nothing to watch any more. */
  end(): void
}

/** The last view that watchers were sent, and the changes up to it. If there is no more room for it they get a snapshot next. */
interface Told {
  readonly view: AvailabilityView
  /** Oldest first; each leads from version `from` to that of its message, without a gap. */
  readonly changes: readonly { readonly from: number; readonly message: AvailabilityMessage }[]
}

interface Channel {
  readonly id: string
  /** Version and tag of the view that was looked at last. */
  seen: Pick<AvailabilityView, 'version' | 'etag'> | null
  readonly watchers: Set<AvailabilityWatcher>
  running: Promise<AvailabilityView | null> | undefined
  next: Promise<AvailabilityView | null> | undefined
  timer: NodeJS.Timeout | undefined
  lookedMs: number
  usedMs: number
}

export class AvailabilityHub {
  readonly #service: AvailabilityService
  readonly #logger: Logger
  readonly #lookEveryMs: number
  readonly #channels = new Map<string, Channel>()
  /** Last messages by the channel's id. */
  readonly #told: ByteCache<string, Told>
  /** Watching, or about to. */
  #watchers = 0
  #ticker: NodeJS.Timeout | undefined

  constructor(
    service: AvailabilityService,
    logger: Logger,
    lookEveryMs: number = LOOK_EVERY_MS,
    maxBytes: number = STREAMS_BYTES,
  ) {
    this.#told = new ByteCache(maxBytes)
    this.#service = service
    this.#logger = logger
    this.#lookEveryMs = lookEveryMs
    service.observe({
      changed: (id, version) => {
        const channel = this.#channels.get(id)
        if (channel !== undefined && version > (channel.seen?.version ?? -1)) this.#schedule(channel)
      },
      gap: () => this.#scheduleAll(),
    })
  }

  /**
   * Sends what is newer than `lastVersion`, or a snapshot where that is `null`, unknown or too long ago, then every
   * change. Returns a function that stops it, or `null` where the public knows of no such thing of this kind.
   * Throws Problem `overloaded` when too many are watching.
   */
  async watch(
    resourceId: string,
    kind: 'showtime' | 'event',
    lastVersion: number | null,
    watcher: AvailabilityWatcher,
  ): Promise<(() => void) | null> {
    if (this.#watchers >= MAX_WATCHERS) throw new Problem('overloaded', { retryAfterSeconds: RETRY_AFTER_SECONDS })
    this.#watchers += 1
    try {
      const channel = this.#open(resourceId)
      let view = await this.#refresh(channel)
      // Another look may have ended meanwhile: who is added now has to begin with what that one found.
      while (view !== null && view.etag !== channel.seen?.etag) view = await this.#refresh(channel)
      if (view?.kind === kind) {
        catchUp(view, this.#told.peek(resourceId)?.changes ?? [], lastVersion, watcher)
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

  /** Bytes kept of what was sent, estimated from above. */
  get bytes(): number {
    return this.#told.bytes
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
        seen: null,
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
      if (index >= surplus && nowMs - usedMs <= IDLE_CHANNEL_MS) return
      this.#channels.delete(id)
      this.#told.delete(id)
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

  /**
   * Reads the availability again. A reading that is under way may have begun before the caller's change: the caller
   * waits for the next one.
   */
  #refresh(channel: Channel): Promise<AvailabilityView | null> {
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

  async #look(channel: Channel): Promise<AvailabilityView | null> {
    channel.lookedMs = performance.now()
    const view = await this.#service.current(channel.id)
    if (view === null) {
      this.#channels.delete(channel.id)
      this.#told.delete(channel.id)
      channel.seen = null
      this.#end(channel)
      return null
    }
    const message = this.#advance(channel, view)
    if (message !== null) await sendToAll(channel, message)
    return view
  }

  /** Takes over the newer view and returns what tells the watchers of it; `null` where nothing changed. */
  #advance(channel: Channel, view: AvailabilityView): AvailabilityMessage | null {
    const before = channel.seen
    const told = this.#told.get(channel.id)
    channel.seen = { version: view.version, etag: view.etag }
    if (told?.view === view) return null
    if (before === null || before.etag === view.etag) {
      this.#keep(channel, { view, changes: before === null ? [] : (told?.changes ?? []) })
      return null
    }
    const change =
      told === undefined || view.version < told.view.version
        ? null
        : changeBetween(told.view.availability, view.availability)
    if (change === null) {
      this.#keep(channel, { view, changes: [] })
      return snapshotOf(view)
    }
    const data = Buffer.from(JSON.stringify(change))
    const message: AvailabilityMessage = { event: 'change', id: String(view.version), data }
    this.#keep(channel, { view, changes: newest([...(told?.changes ?? []), { from: before.version, message }]) })
    return message
  }

  #keep(channel: Channel, told: Told): void {
    if (this.#channels.get(channel.id) !== channel) return
    const { availability } = told.view
    const labels = 'taken' in availability ? listBytes(availability.taken) : 0
    this.#told.set(channel.id, told, viewBytes(told.view) + labels + changesBytes(told.changes))
  }
}

/** Sends to a few at a time: others have their turn in between, buyers who wait for an answer among them. */
async function sendToAll({ watchers }: Channel, message: AvailabilityMessage): Promise<void> {
  let sent = 0
  for (const watcher of watchers) {
    watcher.send(message)
    sent += 1
    if (sent % SENT_AT_ONCE === 0) await letOthersRun()
  }
}

/** Returns the newest changes of a resource that there is room for. */
function newest(changes: Told['changes']): Told['changes'] {
  let kept = changes.slice(-MAX_CHANGES)
  while (kept.length > 0 && changesBytes(kept) > MAX_CHANGES_BYTES) kept = kept.slice(1)
  return kept
}

const MESSAGE_BYTES = 256

const changesBytes = (changes: Told['changes']) =>
  changes.reduce((sum, { message }) => sum + MESSAGE_BYTES + message.data.length, 0)

function catchUp(
  view: AvailabilityView,
  changes: Told['changes'],
  lastVersion: number | null,
  watcher: AvailabilityWatcher,
): void {
  const first = changes.findIndex(({ from }) => from === lastVersion)
  if (first >= 0) {
    for (const { message } of changes.slice(first)) watcher.send(message)
    return
  }
  if (lastVersion !== view.version) {
    watcher.send(snapshotOf(view))
    return
  }
  // At this version already. But sales may have opened or closed meanwhile, which makes no version.
  if (!view.movesByClock) return
  const change = changeBetween(view.availability, view.availability)
  watcher.send({ event: 'change', id: String(view.version), data: Buffer.from(JSON.stringify(change)) })
}

function snapshotOf(view: AvailabilityView): AvailabilityMessage {
  return { event: 'snapshot', id: String(view.version), data: view.parts[0] }
}
