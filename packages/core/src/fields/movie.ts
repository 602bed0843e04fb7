import { NAME, text, whole } from './kinds.ts'
import { defaulted, required } from './field.ts'

export const MOVIE = {
  title: required(NAME, { example: 'The Third Man' }),
  synopsis: defaulted(text(5_000), '', { example: 'A writer comes to Vienna to find his friend dead.' }),
  durationMinutes: required(whole(1, 1_440), { example: 104 }),
  rating: defaulted(text(20), '', { example: '12', description: 'Rating, as the cinema prints it' }),
}
