/** Who causes a change, for its records. */
export interface By {
  /** Subject of the caller's token, or `system`. Never a name or an address. */
  readonly actor: string
  /** The HTTP request that caused it. */
  readonly requestId: string | null
}

export const SYSTEM: By = { actor: 'system', requestId: null }
