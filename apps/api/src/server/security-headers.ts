import type { RequestHandler } from 'express'
import helmet from 'helmet'

/** Sets helmet's headers, as far as they mean something for answers that no browser renders. */
export function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    // For this host alone: what its neighbours serve is not ours to say.
    strictTransportSecurity: { includeSubDomains: false },
    xContentTypeOptions: true,
    referrerPolicy: true,
    crossOriginEmbedderPolicy: false,
    crossOriginOpenerPolicy: false,
    // Shops on other origins show our seat maps and tickets.
    crossOriginResourcePolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  })
}
