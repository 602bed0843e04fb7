import type { ServerResponse } from 'node:http'

/** Answers with JSON that only the caller may see: no cache on the way may keep it. */
export function sendPrivateJson(response: ServerResponse, status: number, body: unknown): void {
  sendPrivateText(response, status, JSON.stringify(body))
}

/** Sends a private answer with JSON that was written before. */
export function sendPrivateText(response: ServerResponse, status: number, json: string): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('Cache-Control', 'no-store')
  response.end(json)
}
