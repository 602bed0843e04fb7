import { IncomingMessage, ServerResponse } from 'node:http'
import type { Express, Request, Response } from 'express'
import { sharedBodyOf } from '../answers/shared-body.ts'
import { noteDone } from '../overload/turn-away.ts'

/**
 * Hears of every response to which something was written that Node may have to keep, for its client reads too slowly, with
 * the body where that was given at once, or its part that others are sent too.
 */
export type OnWritten = (response: Response, body: unknown) => void

/**
 * Returns the classes whose instances `app` takes as they are. Express turns what the server has made into its own kind
 * by `Object.setPrototypeOf`, for every request, and V8 then forgets what it has learnt of such objects: a tenth of
 * what a request costs in Node and Express. With these classes, the server creates what Express wants.
 */
export function messageClasses(app: Express, onWritten: OnWritten) {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {
    override write(...written: unknown[]): boolean {
      const taken = Boolean(Reflect.apply(super.write, this, written))
      // What was written in this turn is offered to the kernel at its end.
      if (!taken) setImmediate(onWritten, this as unknown as Response, null)
      return taken
    }

    override end(...written: unknown[]): this {
      noteDone(this.req)
      Reflect.apply(super.end, this, written)
      // Offered to the kernel already: this is what it did not take.
      if (this.writableLength > 0) onWritten(this as unknown as Response, sharedBodyOf(this) ?? written[0])
      return this
    }
  }
  Object.setPrototypeOf(AppRequest.prototype, app.request)
  Object.setPrototypeOf(AppResponse.prototype, app.response)
  app.request = AppRequest.prototype as Request
  app.response = AppResponse.prototype as Response
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse }
}
