import { MAIL_ADDRESS, NAME, orNull, whole } from './kinds.ts'
import { defaulted, filled, required } from './field.ts'

export const ORGANIZER = {
  name: required(NAME, { example: 'Farol Cinemas' }),
  feeBasisPoints: defaulted(whole(0, 10_000), 300, {
    example: 300,
    description: 'Fee on (subtotal - discount): 300 is 3 %',
  }),
  contactEmail: filled(orNull(MAIL_ADDRESS), null, {
    example: 'farol@example.org',
    description: 'Contact for buyers: `Reply-To` of their mail, and printed on tickets. null: none',
  }),
}
