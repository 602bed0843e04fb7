import type { OperationId } from './types.ts'

/**
 * Method and path of every operation. Written out, so that a browser loads none of the schemas; a test holds it against
 * the contract.
 */
export const PATHS: Readonly<Record<OperationId, readonly [method: string, path: string]>> = {
  createApiKey: ['POST', '/v1/api-keys'],
  createGuestSession: ['POST', '/v1/guest-sessions'],
  getApiKey: ['GET', '/v1/api-keys/{id}'],
  listApiKeys: ['GET', '/v1/api-keys'],
  revokeApiKey: ['DELETE', '/v1/api-keys/{id}'],
}
