import type { Response } from 'express'
import type { BookingLine } from '@boxoffice/core/booking-requests/booking-line.ts'
import type { StoredRequest } from '@boxoffice/core/booking-requests/request-view.ts'
import type { OpenWaits } from '../../streams/open-waits.ts'

/**
 * Returns the request once it is decided, or as it is after `waitS` seconds, or as it was when the client left or this
 * process began to stop. `null` does not wait.
 */
export async function awaitOutcome(
  { line, waits }: { readonly line: BookingLine; readonly waits: OpenWaits },
  response: Response,
  request: StoredRequest,
  waitS: number | null,
): Promise<StoredRequest> {
  if (waitS === null) return request
  response.setHeader('Preference-Applied', `wait=${waitS}`)
  if (request.view.state !== 'queued' || waitS === 0) return request
  return await waits.during(response, async (signal) => {
    try {
      return await line.outcome(request, waitS * 1_000, signal)
    } catch (error) {
      if (signal.aborted) return request
      throw error
    }
  })
}
