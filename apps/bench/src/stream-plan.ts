/** What a streaming process is told to open. */
export interface StreamPlan {
  readonly url: string
  readonly streams: readonly { readonly id: string; readonly token: string }[]
}

export interface StreamTotals {
  /** Events that came, of all streams. */
  readonly events: number
  /** Streams that the server ended. */
  readonly ended: number
  /** A few of them. */
  readonly problems: readonly string[]
}

export type StreamMessage =
  | { readonly type: 'opened'; readonly opened: number }
  | { readonly type: 'closed'; readonly totals: StreamTotals }
