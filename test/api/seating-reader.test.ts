import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'
import { readSeating } from '../../apps/api/src/seating/read-seating.ts'
import { layoutOf, openSeatingReader, type SeatingReader } from '../../apps/api/src/seating/seating-reader.ts'
import { longestTurnDuring } from '../support/longest-turn.ts'
import { layoutOfSize } from './layout-bodies.ts'

/** As large as a body may be. */
const MAX_BYTES = 8 * 1024 * 1024
const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value))
const largest = bytesOf(layoutOfSize(150_000))

let reader: SeatingReader
beforeAll(async () => {
  reader = openSeatingReader(createLogger('test', 'silent'))
  // Starts the thread.
  await reader.read(bytesOf(layoutOfSize(1)))
})
afterAll(() => reader.close())

async function problemOf(bytes: Buffer): Promise<Problem> {
  const error = await reader.read(bytes).catch((thrown: unknown) => thrown)
  if (error instanceof Problem) return error
  throw error
}

describe('reading the seating of a large house', () => {
  test('keeps the event loop for long where it is done on it: the control', async () => {
    expect(largest.length).toBeLessThan(MAX_BYTES)
    const turnMs = await longestTurnDuring(() => Promise.resolve(layoutOf(readSeating(largest))))
    expect(turnMs).toBeGreaterThan(100)
  })

  test('leaves the event loop to others', async () => {
    let seats = 0
    const turnMs = await longestTurnDuring(async () => {
      seats = (await reader.read(Buffer.from(largest))).seatCount
    })
    expect(seats).toBe(150_000)
    expect(turnMs).toBeLessThan(40)
  })

  test('gives what it gives without the thread', async () => {
    const bytes = bytesOf(layoutOfSize(12_345))
    expect(await reader.read(Buffer.from(bytes))).toEqual(layoutOf(readSeating(bytes)))
  })
})

describe('what is cheap to send and costly to parse', () => {
  const maze = Buffer.alloc(MAX_BYTES, '[')

  test('takes long where it is parsed: the control', () => {
    const beganMs = performance.now()
    expect(() => JSON.parse(maze.toString())).toThrow(SyntaxError)
    expect(performance.now() - beganMs).toBeGreaterThan(200)
  })

  test('is refused before it is parsed where it is nested deep', async () => {
    const beganMs = performance.now()
    const { code, errors } = await problemOf(Buffer.from(maze))
    expect(performance.now() - beganMs).toBeLessThan(200)
    expect([code, errors]).toEqual(['invalid_request', [{ pointer: '', detail: 'Nested more than 32 levels deep.' }]])
  })

  const list = (item: string, length: number) =>
    Buffer.from(`{"categories":["A"],"rows":[${item},`.concat(`${item},`.repeat(length), `${item}]}`))

  test.each([
    ['more objects than any house has seats', list('{}', 2_700_000)],
    ['as many empty objects as there may be seats', list('{}', 590_000)],
    ['rows that are none', list('""', 2_700_000)],
    ['numbers', list('1', 4_100_000)],
    [
      'seats that are none',
      Buffer.from(`{"categories":["A"],"rows":[{"label":"A","seats":[${'{},'.repeat(590_000)}{}]}]}`),
    ],
    [
      'fields that nobody knows',
      Buffer.from(`{${Array.from({ length: 800_000 }, (_, field) => `"${field}":1`).join(',')}}`),
    ],
  ])('%s: some mistakes are told, and the thread goes on', { timeout: 30_000 }, async (_, bytes) => {
    expect(bytes.length).toBeLessThan(11_000_000)
    const { code, errors } = await problemOf(bytes)
    expect(code).toBe('invalid_request')
    expect(errors.length).toBeLessThanOrEqual(20)
    expect((await reader.read(bytesOf(layoutOfSize(3)))).seatCount).toBe(3)
  })

  test('what takes too long or too much memory is refused, and the next one is read', async () => {
    const impatient = openSeatingReader(createLogger('test', 'silent'), 20)
    try {
      const error = await impatient.read(Buffer.from(largest)).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'body_too_large' })
    } finally {
      await impatient.close()
    }
  })
})
