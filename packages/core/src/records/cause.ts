/** The cause of a change: who makes it, by which request. Part of every record of the change. */
export interface Cause {
  /** Subject of the caller's token, or `system`. Never a name or an address. */
  readonly actor: string
  /** The HTTP request or the provider's event that caused it; `null` where nobody asked for it. */
  readonly requestId: string | null
}

export const SYSTEM: Cause = { actor: 'system', requestId: null }
