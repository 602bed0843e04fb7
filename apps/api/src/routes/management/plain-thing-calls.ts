import { changeThing, createThing, type PlainThing } from '@boxoffice/core/catalogue/plain-thing.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Transaction } from '@boxoffice/core/db/transaction.ts'
import type { Changes, Fields, New } from '@boxoffice/core/fields/field.ts'
import type { Cause } from '@boxoffice/core/records/cause.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'

/** Returns how a plain thing of an organizer is made. */
export const makerOf =
  <F extends Fields>(thing: PlainThing<F>) =>
  (tx: Transaction, cause: Cause, given: New<F>, organizerId: string) =>
    createThing(tx, thing, cause, { ...given, organizerId })

/** Returns how a plain thing is changed. */
export const changerOf =
  <F extends Fields>(database: Database, thing: PlainThing<F>) =>
  (cause: Cause, id: string, organizerId: string | null, changes: Changes<F>) =>
    transact(database, (tx) => changeThing(tx, thing, cause, { id, organizerId, changes }))
