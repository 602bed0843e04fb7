/** Without I, L, O, 0 and 1, which people mix up when they read a reference aloud. */
export const REFERENCE_ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'
export const REFERENCE_LENGTH = 8

const REFERENCE_PATTERN = new RegExp(`^[${REFERENCE_ALPHABET}]{${REFERENCE_LENGTH}}$`)
/** The largest multiple of 31 in a byte: bytes from 248 up would make the first letters likelier, and are thrown away. */
const UNBIASED_BELOW = 256 - (256 % REFERENCE_ALPHABET.length)
/** Twice what is needed, so that a second draw is rare: one byte in 32 is thrown away. */
const BYTES_PER_DRAW = 2 * REFERENCE_LENGTH
/** A sound source needs one draw, very rarely two; more than this and it is broken. */
const MAX_DRAWS = 64

/**
 * Draws a booking reference, 31^8 = 8.5e11 equally likely ones, by rejection sampling.
 *
 * @param randomBytes a cryptographically secure source, such as `randomBytes` of `node:crypto`.
 * @throws Error when the source yields nothing usable, instead of looping for ever.
 */
export function drawReference(randomBytes: (count: number) => Uint8Array): string {
  let reference = ''
  for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
    for (const byte of randomBytes(BYTES_PER_DRAW)) {
      if (byte >= UNBIASED_BELOW) continue
      reference += REFERENCE_ALPHABET.charAt(byte % REFERENCE_ALPHABET.length)
      if (reference.length === REFERENCE_LENGTH) return reference
    }
  }
  throw new Error(`no booking reference after ${MAX_DRAWS} draws: the random source is broken`)
}

/** Whether `text` has the form of a reference, in upper case. Says nothing about whether the booking exists. */
export function isReference(text: string): boolean {
  return REFERENCE_PATTERN.test(text)
}
