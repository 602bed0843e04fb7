import type { Response } from 'express'
import type { RequestView } from '@boxoffice/core/booking-requests/request-view.ts'
import { sendPrivateJson } from '../../answers/send-json.ts'

const MAX_RETRY_AFTER_S = 30

/** Answers with the request, and if it still waits, with when to look again. */
export function sendRequest(response: Response, status: 200 | 202, view: RequestView): void {
  if (view.state === 'queued') {
    const seconds = Math.ceil(view.etaMs / 1_000)
    response.setHeader('Retry-After', String(Math.min(MAX_RETRY_AFTER_S, Math.max(1, seconds))))
  }
  sendPrivateJson(response, status, view)
}
