import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import type { PreparedLayout } from '@boxoffice/core/catalogue/prepare-layout.ts'
import { openThread } from '@boxoffice/core/runtime/thread.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'
import type { ReadSeating, SeatingFile, SeatingFormat } from './read-seating.ts'

/** Reads the bodies of imports without keeping anything else in the process waiting. */
export interface SeatingReader {
  /** Gives `bytes` away. Throws a `Problem` for what is no layout, or cannot be read in time and memory. */
  read(bytes: Buffer, format?: SeatingFormat): Promise<PreparedLayout>
  close(): Promise<void>
}

/** Fifty times what 200,000 seats take: a thread that steps back gets a tenth of a processor that others keep busy. */
const READ_WITHIN_MS = 60_000

/** 200,000 seats need some 150 MB. */
const OLD_GENERATION_MB = 320

export function openSeatingReader(logger: Logger, withinMs: number = READ_WITHIN_MS): SeatingReader {
  const thread = openThread<SeatingFile, ReadSeating>({
    file: new URL('read-seating.ts', import.meta.url),
    name: 'readSeatingFile',
    withinMs,
    oldGenerationMb: OLD_GENERATION_MB,
    youngGenerationMb: 16,
    logger,
  })
  return {
    read: async (bytes, format = 'json') => {
      const own = ownBytes(bytes)
      return layoutOf(
        await thread.run({ bytes: own, format }, [own.buffer]).catch((error: unknown) => refuseTooHeavy(error)),
      )
    },
    close: () => thread.close(),
  }
}

/**
 * Returns the layout that was read.
 *
 * @throws Problem if the reading is one
 */
export function layoutOf(read: ReadSeating): PreparedLayout {
  if ('layout' in read) return read.layout
  const { code, detail, errors } = read.problem
  throw new Problem(code, { detail, errors })
}

/** Returns bytes that may be transferred: small buffers are parts of a common one, which must not be given away. */
function ownBytes(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes)
}

/** Refuses a body that takes the thread down, or too long, because it would do so again. */
function refuseTooHeavy(error: unknown): never {
  const isHeavy =
    error instanceof Error &&
    (error.name === 'AbortError' || ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'))
  if (!isHeavy) throw error
  throw new Problem('body_too_large', { detail: 'Reading this seating takes too much time or memory.' })
}
