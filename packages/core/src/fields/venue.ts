import { ID, NAME, text, TIME_ZONE } from './kinds.ts'
import { defaulted, fixed, required } from './field.ts'

export const VENUE = {
  name: required(NAME, { example: 'Farol Cinema' }),
  address: defaulted(text(500), '', { example: 'Rua do Farol 1, Lisboa' }),
  timeZone: required(TIME_ZONE, { example: 'Europe/Lisbon', description: 'IANA name; tickets print local times' }),
}

export const AUDITORIUM = {
  venueId: fixed(required(ID, { example: '01890000-0000-7000-8000-000000000021' })),
  name: required(NAME, { example: 'One' }),
}
