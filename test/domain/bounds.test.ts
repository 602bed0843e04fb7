import { expect, test } from 'vitest'
import { drawCode } from '@boxoffice/core/domain/booking-reference.ts'
import { layoutProblems, type LayoutSeat } from '@boxoffice/core/domain/layout.ts'

// Bounds of docs/limits.md, each at its edge.

const seat = (changes: Partial<LayoutSeat>): LayoutSeat => ({ number: 1, x: 0, y: 0, category: 'C1', ...changes })

const pointersOf = (categories: number, changes: Partial<LayoutSeat> = {}) => {
  const names = Array.from({ length: categories }, (_, index) => `C${index + 1}`)
  return [...layoutProblems(names, [{ label: 'A', seats: [seat(changes)] }])].map(({ pointer }) => pointer)
}

test('a layout has at most 50 categories', () => {
  expect(pointersOf(50)).toEqual([])
  expect(pointersOf(51)).toEqual(['/categories'])
})

test('a seat is at most a million away, and has at most four digits', () => {
  expect(pointersOf(1, { x: 1_000_000, y: -1_000_000, number: 9_999 })).toEqual([])
  expect(pointersOf(1, { x: 1_000_001 })).toEqual(['/rows/0/seats/0'])
  expect(pointersOf(1, { number: 10_000 })).toEqual(['/rows/0/seats/0/number'])
})

test('a source of random bytes that yields nothing usable is asked 64 times', () => {
  let draws = 0
  const broken = (count: number) => {
    draws++
    return new Uint8Array(count).fill(255)
  }
  expect(() => drawCode(8, broken)).toThrow('no code after 64 draws')
  expect(draws).toBe(64)
})
