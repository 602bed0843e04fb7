/** The state of a run. */
export interface Progress {
  readonly scenario: string
  readonly elapsedMs: number
  readonly durationMs: number
  readonly acceptedPerSecond: number
  readonly decidedPerSecond: number
  readonly inLine: number
  /** Milliseconds, of the last second; `null` where there was no answer. */
  readonly p99: number | null
  /** Refusals since the start. */
  readonly refused: number
  /** Due, and without a free client. */
  readonly unsent: number
}

const BAR_WIDTH = 20
const NARROWEST = 20
const A_LINE_EVERY_MS = 5_000

/** Formats one line, cut to `width` characters. */
export function formatProgress(progress: Progress, width = Number.POSITIVE_INFINITY): string {
  const { scenario, elapsedMs, durationMs, p99, unsent } = progress
  const share = Math.min(1, durationMs > 0 ? elapsedMs / durationMs : 1)
  const full = Math.round(share * BAR_WIDTH)
  const parts = [
    `${scenario} [${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}] ${seconds(elapsedMs)}/${seconds(durationMs)} s`,
    `accepted ${Math.round(progress.acceptedPerSecond)}/s`,
    `decided ${Math.round(progress.decidedPerSecond)}/s`,
    `in line ${progress.inLine}`,
    `p99 ${p99 === null ? '-' : `${Math.round(p99)} ms`}`,
    `refused ${progress.refused}`,
    ...(unsent > 0 ? [`still to send ${unsent}`] : []),
  ]
  return parts.join('  ').slice(0, Math.max(NARROWEST, width))
}

const seconds = (ms: number): string => String(Math.round(ms / 1_000))

/** The output for the progress: stderr. */
export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** One live line: redrawn on a terminal, elsewhere (in a file, in CI) a line now and then. */
export class ProgressLine {
  readonly #screen: Screen
  readonly #now: () => number
  #drawn = false
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(screen: Screen, now: () => number = () => performance.now()) {
    this.#screen = screen
    this.#now = now
  }

  show(progress: Progress): void {
    if (this.#screen.isTTY === true) {
      this.#screen.write(`\r\u001B[K${formatProgress(progress, (this.#screen.columns ?? 80) - 1)}`)
      this.#drawn = true
      return
    }
    if (this.#now() - this.#lastMs < A_LINE_EVERY_MS) return
    this.#lastMs = this.#now()
    this.#screen.write(`${formatProgress(progress)}\n`)
  }

  /** Prints a sentence of its own; the live line stays above it. */
  say(text: string): void {
    this.end()
    this.#screen.write(`${text}\n`)
  }

  /** Leaves the live line as it is. */
  end(): void {
    if (this.#drawn) this.#screen.write('\n')
    this.#drawn = false
  }
}
