import { expect, test } from 'vitest'
import { SCOPES, SCOPES_OF } from '@boxoffice/core/domain/role.ts'
import { ACCESS } from '@boxoffice/contract/access.ts'
import { OPERATIONS } from '@boxoffice/contract/operations.ts'

test('a key of staff may have the scopes of calls that are for staff, and no other', () => {
  const usable = SCOPES.filter((scope) =>
    OPERATIONS.some((operation) => operation.scope === scope && ACCESS[operation.access].verdicts.staff === 'allow'),
  )
  // Staff refund a payment by cancelling, which asks for this scope too.
  expect([...usable, 'refunds:write'].toSorted()).toEqual(SCOPES_OF.staff.toSorted())
  expect(SCOPES_OF.organizer).toEqual(SCOPES)
})
