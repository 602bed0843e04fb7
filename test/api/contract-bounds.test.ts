import { expect, test } from 'vitest'
import * as feed from '@boxoffice/contract/operations/feed.ts'
import * as webhooks from '@boxoffice/contract/operations/webhooks.ts'
import { layoutBody } from '@boxoffice/contract/schemas/management-layout.ts'

// Bounds of docs/limits.md, each at its edge.

test('a feed call and a webhook endpoint take 100 event types', () => {
  const types = (count: number) => Array.from({ length: count }, () => 'booking.confirmed')
  const takes = (count: number) => [
    feed.read.query?.safeParse({ types: types(count).join(',') })?.success,
    webhooks.createEndpoint.body?.safeParse({ url: 'https://shop.example/hooks', eventTypes: types(count) })?.success,
  ]
  expect([takes(100), takes(101)]).toEqual([
    [true, true],
    [false, false],
  ])
})

test('a layout whose form is wrong is held against the rules until 20 are broken', () => {
  const seats = Array.from({ length: 1_000 }, (_, index) => ({ number: index + 1, x: index, y: 0, category: 'None' }))
  const body = (count: number) => ({
    categories: ['Standard'],
    rows: [{ label: 'A', seats: seats.slice(0, count) }],
    more: 1,
  })
  const issues = (count: number) => layoutBody.safeParse(body(count)).error?.issues.length
  expect([issues(5), issues(20), issues(1_000)]).toEqual([1 + 5, 1 + 20, 1 + 20])
})
