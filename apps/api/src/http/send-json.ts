import type { ServerResponse } from 'node:http'

/** Answers with JSON that only the caller may see: no cache on the way may keep it. */
export function sendPrivateJson(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('Cache-Control', 'no-store')
  response.end(JSON.stringify(body))
}
