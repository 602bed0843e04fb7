import { expect, test } from 'vitest'
import { drawCode } from '@boxoffice/core/domain/booking-reference.ts'
import { type LayoutArea, layoutProblems, type LayoutRow, type LayoutSeat } from '@boxoffice/core/domain/layout.ts'

// Bounds of docs/limits.md, each at its edge.

const seat = (changes: Partial<LayoutSeat>): LayoutSeat => ({ number: 1, x: 0, y: 0, category: 'C1', ...changes })

const pointersOf = (categories: number, changes: Partial<LayoutSeat> = {}) => {
  const names = Array.from({ length: categories }, (_, index) => `C${index + 1}`)
  const rows = [{ label: 'A', seats: [seat(changes)] }]
  return [...layoutProblems({ categories: names, rows })].map(({ pointer }) => pointer)
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

test('rows and sections have at most 20 characters, labels 64', () => {
  const problems = (row: Partial<LayoutRow>, changes: Partial<LayoutSeat> = {}) =>
    [...layoutProblems({ categories: ['C1'], rows: [{ label: 'A', seats: [seat(changes)], ...row }] })].map(
      ({ pointer }) => pointer,
    )
  expect(problems({ label: 'Ä'.repeat(20), section: 'S'.repeat(20) }, { number: '5'.repeat(20) })).toEqual([])
  expect(problems({ label: 'Ä'.repeat(21) })).toEqual(['/rows/0/label'])
  expect(problems({ section: 'S'.repeat(21) })).toEqual(['/rows/0/section'])
  expect(problems({}, { number: '5'.repeat(21) })).toEqual(['/rows/0/seats/0/number'])
  expect(problems({}, { label: 'L'.repeat(64) })).toEqual([])
  expect(problems({}, { label: 'L'.repeat(65) })).toEqual(['/rows/0/seats/0/label'])
})

test('a layout has at most 200 areas, of a million places and 200 corners', () => {
  const problems = (count: number, changes: Partial<LayoutArea> = {}) => {
    const areas = Array.from({ length: count }, (_, index) => ({
      label: `F${index}`,
      category: 'C1',
      capacity: 1,
      ...changes,
    }))
    return [...layoutProblems({ categories: ['C1'], rows: [], areas })].map(({ pointer }) => pointer)
  }
  const corners = (length: number) => Array.from({ length }, (_, index) => [index, 1_000_000] as const)
  expect(problems(200)).toEqual([])
  expect(problems(201)).toEqual(['/areas'])
  expect(problems(1, { capacity: 1_000_000, shape: corners(200) })).toEqual([])
  expect(problems(1, { capacity: 1_000_001 })).toEqual(['/areas/0/capacity'])
  for (const count of [2, 201]) expect(problems(1, { shape: corners(count) })).toEqual(['/areas/0/shape'])
  expect(problems(1, { shape: [...corners(3), [1_000_001, 0]] })).toEqual(['/areas/0/shape'])
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
