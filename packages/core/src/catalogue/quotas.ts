/** Quotas: capacities that ticket types of an event share. They are kept in the event's row, under the event's lock. */
import type { Quota } from '../domain/quota.ts'
import type { New } from '../fields/field.ts'
import type { QUOTAS } from '../fields/event.ts'
import { Problem } from '../use-case/problem.ts'
import { FieldErrors } from './field-errors.ts'

type GivenQuotas = NonNullable<New<typeof QUOTAS>['quotas']>

interface NamedType {
  readonly id: string
  readonly name: string
}

/**
 * Returns quotas with the ids of their ticket types, each once. Types are named by id, or by a name that one of them has alone.
 *
 * @throws Problem `invalid_request` naming what there is not
 */
export function resolveQuotas(types: readonly NamedType[], given: GivenQuotas): Quota[] {
  const ids = new Set(types.map(({ id }) => id))
  const byName = Map.groupBy(types, ({ name }) => name)
  const names = new Set<string>()
  const errors = new FieldErrors()
  const quotas = given.map(({ name, capacity, ticketTypes }, index) => {
    errors.require(!names.has(name), `/quotas/${index}/name`, `Another quota is called ${name}.`)
    names.add(name)
    const found = ticketTypes.map((wanted, position) => {
      const pointer = `/quotas/${index}/ticketTypes/${position}`
      if (ids.has(wanted.toLowerCase())) return wanted.toLowerCase()
      const [type, other] = byName.get(wanted) ?? []
      errors.require(type !== undefined, pointer, `The event has no ticket type ${wanted}.`)
      errors.require(other === undefined, pointer, `Several ticket types are called ${wanted}. Use an id.`)
      return type?.id ?? wanted
    })
    return { name, capacity, ticketTypeIds: [...new Set(found)] }
  })
  errors.throwIfAny()
  return quotas
}

/**
 * Refuses a quota that is below what its ticket types have sold (I1). Needs the event's lock.
 *
 * @throws Problem `in_use` with `sold`
 */
export function requireRoom(
  types: readonly { readonly id: string; readonly sold: number }[],
  quotas: readonly Quota[],
): void {
  for (const { name, capacity, ticketTypeIds } of quotas) {
    const sold = types.reduce((sum, type) => sum + (ticketTypeIds.includes(type.id) ? type.sold : 0), 0)
    if (sold <= capacity) continue
    const detail = `${sold} tickets of the quota ${name} are held or sold, which is more than ${capacity}.`
    throw new Problem('in_use', { detail, facts: { sold } })
  }
}
