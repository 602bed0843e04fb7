import { IncomingMessage, ServerResponse } from 'node:http'
import type { Express, Request, Response } from 'express'

/**
 * The classes whose instances `app` takes as they are. Express turns what the server has made into its own kind by
 * `Object.setPrototypeOf`, for every request, and V8 gives up then on what it has learnt of such objects: a tenth of what
 * a request costs in Node and Express. Given to the server, they make it create what Express wants.
 */
export function messageClasses(app: Express) {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  Object.setPrototypeOf(AppRequest.prototype, app.request)
  Object.setPrototypeOf(AppResponse.prototype, app.response)
  app.request = AppRequest.prototype as Request
  app.response = AppResponse.prototype as Response
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse }
}
