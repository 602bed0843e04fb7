import type { Request } from 'express'
import { BULL_BOARD_PATH } from '../bull-board/path.ts'

/**
 * Returns the pattern of the request's route, as the contract writes it: `/v1/bookings/{reference}`. Never the path: it
 * contains ids, and there is no end of them.
 */
export function routeOf(request: Request): string {
  if (request.originalUrl.startsWith(BULL_BOARD_PATH)) return BULL_BOARD_PATH
  const route: unknown = request.route
  if (typeof route !== 'object' || route === null || !('path' in route)) return 'none'
  return String(route.path).replaceAll(/:(\w+)/g, '{$1}')
}
