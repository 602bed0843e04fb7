import type { ServerResponse } from 'node:http'

/** Goes with the response: what is shared has to be counted for no longer than it is being sent. */
const sharedBodies = new WeakMap<ServerResponse, Uint8Array>()

/** Notes that this buffer, written to the response, is sent to others too, so that it lies in memory once. */
export function noteSharedBody(response: ServerResponse, body: Uint8Array): void {
  sharedBodies.set(response, body)
}

/** Returns the buffer that was noted; `null` where all of the answer is its own. */
export function sharedBodyOf(response: ServerResponse): Uint8Array | null {
  return sharedBodies.get(response) ?? null
}
