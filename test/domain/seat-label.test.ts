import { expect, test } from 'vitest'
import { seatLabel, seatNumber } from '@boxoffice/core/domain/seat-label.ts'

test.each([
  [null, 'A', '5', 'A5'],
  [null, 'AA', '12', 'AA12'],
  [null, 'a', '5A', 'a5A'],
  [null, 'Ä', '5', 'Ä5'],
  [null, 'Б', '0', 'Б0'],
  [null, 'あ', '5', 'あ5'],
  [null, 'Loge links', '3', 'Loge links3'],
  [null, '1', '5', '1-5'],
  [null, '1', '5A', '1-5A'],
  [null, 'A', 'B', 'A-B'],
  [null, '1', 'Loge links 3', '1-Loge links 3'],
  [null, 'A1', '5', 'A1-5'],
  // Files of before rows could be numbers.
  [null, '12-', '5', '12-5'],
  [null, 'AA-', '12', 'AA-12'],
  [null, '12-', 'A', '12--A'],
  ['Balcony', '1', '5A', 'Balcony/1-5A'],
  ['Balcony', 'A', '5', 'Balcony/A5'],
])('section %j, row %j, seat %j: %s', (section, row, seat, label) => {
  expect(seatLabel(section, row, seat)).toBe(label)
})

test('the longest names make a label that requests can have', () => {
  expect(seatLabel('S'.repeat(20), 'R'.repeat(20), 'x'.repeat(20)).length).toBeLessThanOrEqual(64)
})

test.each([
  ['1', 1],
  ['9999', 9999],
  ['0', null],
  ['05', null],
  ['5A', null],
  ['10000', null],
  ['1.5', null],
])('the number of seat %j is %j', (name, number) => {
  expect(seatNumber(name)).toBe(number)
})
