/** Time after which whoever is let in should be in line while many come at once: a moment's crowd is let in. */
const BURST_MS = 500

/** The same while more come all the time than get in line: those who have to come back learn of it as soon. */
const STANDING_MS = 100

/** Time after which many inside are more than a moment's crowd. */
const STANDING_AFTER_MS = 1_000

/** Time with fewer inside after which it is over. */
const OVER_AFTER_MS = 500

/** Number that is let in at once whatever is known: they fill one write, and make nobody wait long. */
const FEWEST = 256

/** Believed of a process that was not busy yet. */
const FIRST_RATE = 1_000

/** Interval of looking at what a busy process gets done. */
const LOOK_EVERY_MS = 100

/** Weights of what was seen last: more counts sooner than less, for a moment's pause is no sign of anything. */
const FASTER = 0.5
const SLOWER = 0.1

/**
 * Lets as many booking requests into a process at once as it soon gets into the line, so that nobody waits unseen in its own
 * queues. How fast it is, it learns while it is busy. It has no clock and no timer: each `nowMs` is of one monotonic clock.
 */
export class IntakeGate {
  #inside = 0
  /** Number inside by the address that they came from. */
  readonly #addresses = new Map<string, number>()
  #rate = FIRST_RATE
  #done = 0
  #lookedAt = Number.NEGATIVE_INFINITY
  #wasBusy = false
  #turnedAway = 0
  /** Time since which more come than get in line; `null` while they do not. */
  #crowdedSince: number | null = null
  #crowdedAt = Number.NEGATIVE_INFINITY

  /** Returns how many are on their way into the line. */
  get inside(): number {
    return this.#inside
  }

  /** Returns how many were turned away since the start. */
  get turnedAway(): number {
    return this.#turnedAway
  }

  /** Returns how many may be inside. */
  most(nowMs: number): number {
    const isStanding = this.#crowdedSince !== null && nowMs - this.#crowdedSince >= STANDING_AFTER_MS
    return this.#within(isStanding ? STANDING_MS : BURST_MS)
  }

  /** Lets one in, who must `leave`, or counts that it was turned away. */
  enter(address: string, nowMs: number): boolean {
    this.#look(nowMs)
    if (!this.#hasRoomFor(address, this.most(nowMs))) {
      this.#turnedAway += 1
      return false
    }
    this.add(address)
    return true
  }

  /** Lets one in that has to be, for it is half done. */
  add(address: string): void {
    this.#inside += 1
    this.#addresses.set(address, (this.#addresses.get(address) ?? 0) + 1)
  }

  /** Notes that one is done, in line or refused, or that it is not there yet or gone. */
  leave(address: string, nowMs: number, isDone: boolean): void {
    this.#inside -= 1
    const left = (this.#addresses.get(address) ?? 1) - 1
    if (left === 0) this.#addresses.delete(address)
    else this.#addresses.set(address, left)
    if (isDone) this.#done += 1
    this.#look(nowMs)
  }

  /** Returns whether one more may be inside. Where there are too many, it may still if its address has less than its part. */
  #hasRoomFor(address: string, most: number): boolean {
    if (this.#inside < most) return true
    if (this.#inside >= 2 * most) return false
    const own = this.#addresses.get(address) ?? 0
    return own + 1 <= most / (this.#addresses.size + (own === 0 ? 1 : 0))
  }

  #within(ms: number): number {
    return Math.max(FEWEST, Math.round((this.#rate * ms) / 1_000))
  }

  #look(nowMs: number): void {
    const crowd = this.#within(STANDING_MS)
    if (this.#inside >= crowd) {
      this.#crowdedSince ??= nowMs
      this.#crowdedAt = nowMs
      // Whole writes leave at once, so that for moments there are few.
    } else if (nowMs - this.#crowdedAt >= OVER_AFTER_MS) this.#crowdedSince = null

    const isBusy = this.#inside >= crowd / 2
    const sinceMs = nowMs - this.#lookedAt
    if (sinceMs < LOOK_EVERY_MS) {
      this.#wasBusy &&= isBusy
      return
    }
    // A process with little to do says nothing about what it could.
    if (this.#wasBusy && Number.isFinite(sinceMs)) {
      const rate = (this.#done / sinceMs) * 1_000
      this.#rate += (rate - this.#rate) * (rate > this.#rate ? FASTER : SLOWER)
    }
    this.#done = 0
    this.#lookedAt = nowMs
    this.#wasBusy = isBusy
  }
}
