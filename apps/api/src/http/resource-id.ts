import { NotFoundError } from '@boxoffice/core/services/errors.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** An id from a path, as the database spells it. What is no id cannot exist: throws `NotFoundError`. */
export function resourceId(text: string, what: string): string {
  if (!UUID.test(text)) throw new NotFoundError(what)
  return text.toLowerCase()
}
