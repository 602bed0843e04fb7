/** Alphabet without I, L, O, 0 and 1, which people confuse when they read a reference aloud. */
export const REFERENCE_ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'
export const REFERENCE_LENGTH = 8

const REFERENCE_PATTERN = new RegExp(`^[${REFERENCE_ALPHABET}]{${REFERENCE_LENGTH}}$`)
/** The largest multiple of 31 in a byte: bytes from 248 up would make the first letters likelier, and are thrown away. */
const UNBIASED_BELOW = 256 - (256 % REFERENCE_ALPHABET.length)
/** A sound source needs one draw, very rarely two; more than this and it is broken. */
const MAX_DRAWS = 64

/** Draws a booking reference: one of 31^8 = 8.5e11. See `drawCode`. */
export const drawReference = (randomBytes: (count: number) => Uint8Array) => drawCode(REFERENCE_LENGTH, randomBytes)

/**
 * Draws `length` characters of the alphabet, all equally likely, by rejection sampling.
 *
 * @param randomBytes a cryptographically secure source, such as `randomBytes` of `node:crypto`.
 * @throws Error when the source yields nothing usable, instead of looping for ever.
 */
export function drawCode(length: number, randomBytes: (count: number) => Uint8Array): string {
  let code = ''
  for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
    // Twice what is needed, so that a second draw is rare: one byte in 32 is thrown away.
    for (const byte of randomBytes(2 * length)) {
      if (byte >= UNBIASED_BELOW) continue
      code += REFERENCE_ALPHABET.charAt(byte % REFERENCE_ALPHABET.length)
      if (code.length === length) return code
    }
  }
  throw new Error(`no code after ${MAX_DRAWS} draws: the random source is broken`)
}

/** Returns whether `text` has the form of a reference, in upper case. Says nothing about whether the booking exists. */
export function isReference(text: string): boolean {
  return REFERENCE_PATTERN.test(text)
}
