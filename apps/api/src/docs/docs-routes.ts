import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RequestHandler, type Response, Router } from 'express'
import { openApiDocument } from '@boxoffice/contract/openapi.ts'
import { OPERATIONS } from '@boxoffice/contract/operations.ts'
import type { Admission } from '../admission/admission.ts'
import { sendCachedJson } from '../answers/conditional.ts'
import { entityOf } from './entity.ts'

const require = createRequire(import.meta.url)
const SWAGGER_UI = dirname(require.resolve('swagger-ui-dist/package.json'))
const OWN = dirname(fileURLToPath(import.meta.url))

/** Files that the page loads, and nothing else of these folders. */
const FILES = [
  { folder: SWAGGER_UI, name: 'swagger-ui.css' },
  { folder: SWAGGER_UI, name: 'swagger-ui-bundle.js' },
  { folder: SWAGGER_UI, name: 'favicon-32x32.png' },
  { folder: OWN, name: 'init.js' },
] as const

/** Everything from here; Swagger UI draws its icons from `data:` URLs. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const VERSION = (require('../../package.json') as { readonly version: string }).version

interface DocsDependencies {
  readonly admission: Admission
  readonly publicUrl: string | undefined
}

/** Serves the API's description, for programs and for people; both work without any other host. */
export function docsRoutes({ admission, publicUrl }: DocsDependencies): Router {
  // Strict, so that the page's relative addresses lead where they should.
  const router = Router({ strict: true })

  const admit: RequestHandler = async (request, response, next) => {
    await admission.admitAnyone(request, response, { limit: 'read', path: request.path })
    next()
  }

  // Made when first asked for: most processes never are.
  let description: ReturnType<typeof entityOf> | undefined
  router.get('/openapi.json', admit, (request, response) => {
    description ??= entityOf(openApiDocument(OPERATIONS, VERSION, publicUrl ?? '/'))
    sendCachedJson(request, response, description, 'public, max-age=60')
  })

  router.get('/', admit, (_request, response) => redirect(response, '/docs'))
  router.get('/docs/', admit, (_request, response) => redirect(response, '/docs'))
  router.get('/docs', admit, (_request, response) => {
    response.setHeader('Content-Security-Policy', POLICY)
    response.sendFile(join(OWN, 'index.html'), { maxAge: '1m' })
  })
  for (const { folder, name } of FILES) {
    router.get(`/docs/${name}`, admit, (_request, response) => response.sendFile(join(folder, name), { maxAge: '1h' }))
  }
  return router
}

function redirect(response: Response, location: string): void {
  response.statusCode = 302
  response.setHeader('Location', location)
  response.end()
}
