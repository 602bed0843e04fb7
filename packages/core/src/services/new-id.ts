import { v7 } from 'uuid'
import { randomBytes } from './random-bytes.ts'

const options = { rng: () => randomBytes(16) }

/** A UUIDv7: ordered by time (to the millisecond), so that new rows go to the end of their indexes. */
export const newId = (): string => v7(options)
