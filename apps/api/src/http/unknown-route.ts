import type { RequestHandler, Router } from 'express'
import { Problem } from '@boxoffice/core/use-case/problem.ts'
import type { Admission } from './admission.ts'

/**
 * The answer where no route took the request: 405 with `Allow` where the path is known under other methods
 * (RFC 9110 section 15.5.6), 404 otherwise; 400 where a percent-encoding in it is broken, which names no path at all. It
 * counts for the address like any other call.
 */
export function unknownRoute(admission: Admission, routers: readonly Router[]): RequestHandler {
  const known = routers.flatMap((router) =>
    router.stack.flatMap(({ route }) =>
      route === undefined ? [] : [{ path: pathPattern(route.path), methods: route.stack.map(({ method }) => method) }],
    ),
  )
  return async (request, response) => {
    await admission.admitAnyone(request, response, { limit: 'read', path: request.path })
    if (!isDecodable(request.path)) throw new Problem('malformed_url')
    const allowed = new Set<string>()
    for (const { path, methods } of known) {
      if (!path.test(request.path)) continue
      for (const method of methods) allowed.add(method.toUpperCase())
    }
    if (allowed.size === 0) throw new Problem('not_found', { detail: 'There is no such path.' })
    if (allowed.has('GET')) allowed.add('HEAD')
    const allow = [...allowed].sort().join(', ')
    response.setHeader('Allow', allow)
    throw new Problem('method_not_allowed', { detail: `This path takes ${allow}.` })
  }
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

/** Route paths are literal segments and `:name` parameters. */
function pathPattern(path: string): RegExp {
  const pattern = path.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/:\w+/g, '[^/]+')
  return new RegExp(`^${pattern}/?$`, 'i')
}
