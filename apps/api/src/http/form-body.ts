import express, { type RequestHandler } from 'express'
import { Problem } from '@boxoffice/core/use-case/problem.ts'
import { readJsonBody } from './json-body.ts'

const MAX_BODY_BYTES = 4_096

const FORM_TYPE = /^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i

const readForm = express.urlencoded({ extended: false, limit: MAX_BODY_BYTES, parameterLimit: 20, inflate: false })

/**
 * Reads what a plain HTML form sends into `request.body`, each field as text, and JSON as everywhere else. For the few
 * routes that a browser posts to.
 */
export const readFormOrJsonBody: RequestHandler = (request, response, next) => {
  if (!FORM_TYPE.test(request.headers['content-type'] ?? '')) {
    readJsonBody(request).then(
      (body) => {
        request.body = body
        next()
      },
      (error: unknown) => next(error),
    )
    return
  }
  readForm(request, response, (error?: unknown) => {
    if (error === undefined) next()
    else next(toProblem(error))
  })
}

/** The reader's errors carry the status of their answer. */
function toProblem(error: unknown): unknown {
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  if (status === 413) {
    return new Problem('body_too_large', { detail: `The form must not be larger than ${MAX_BODY_BYTES} bytes.` })
  }
  if (status === 415) {
    return new Problem('unsupported_media_type', { detail: 'The form must be in UTF-8, and not compressed.' })
  }
  return status === 400 ? new Problem('malformed_http', { detail: 'The body ended early.' }) : error
}
