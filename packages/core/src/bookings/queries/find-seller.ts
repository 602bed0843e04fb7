import type pg from 'pg'
import { isMailAddress } from '../../domain/mail-address.ts'
import { run } from '../../db/transaction.ts'

const FIND = {
  name: 'find-seller',
  text: 'select name, contact_email as contact from organizers where id = $1',
}

/** Seller, as buyers see it. */
export interface Seller {
  readonly name: string
  /** E-mail address to ask at. One that came past our doors, and could end a header of a mail, is none. */
  readonly contact: string | null
}

/** Returns the organizer; without a name if there is no such organizer. */
export async function findSeller(pool: pg.Pool, organizerId: string): Promise<Seller> {
  const [row] = await run<Seller & Record<string, unknown>>(pool, FIND, [organizerId])
  if (row === undefined) return { name: '', contact: null }
  const { name, contact } = row
  return { name, contact: contact !== null && isMailAddress(contact) ? contact : null }
}
