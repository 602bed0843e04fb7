import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findOrderViolations, type Placed } from '../../apps/load/src/verify/order.ts'

function placed(seq: number, sentMs: number, knownMs: number | null, resourceId = 'one'): Placed {
  return { requestId: `${resourceId}-${seq}`, resourceId, seq, sentMs, knownMs }
}

const overtaken = (requests: readonly Placed[]) =>
  findOrderViolations(requests).map(({ earlier, later }) => [later.seq, earlier.seq])

describe('first come, first decided', () => {
  it('is kept where everybody has the place in which they came', () => {
    expect(overtaken([placed(1, 0, 5), placed(2, 6, 9), placed(3, 10, 12)])).toEqual([])
  })

  it('is not where somebody came later and is before', () => {
    expect(overtaken([placed(2, 0, 5), placed(1, 6, 9)])).toEqual([[1, 2]])
  })

  it('says nothing of requests that were on their way at the same time', () => {
    expect(overtaken([placed(2, 0, 10), placed(1, 9, 12)])).toEqual([])
  })

  it('says nothing of two moments that the clock cannot tell apart', () => {
    expect(overtaken([placed(2, 0, 5), placed(1, 5, 9)])).toEqual([])
    expect(overtaken([placed(2, 0, 5), placed(1, 5.001, 9)])).toEqual([[1, 2]])
  })

  it('says nothing of a request whose client never knew that it was accepted, but of that which it overtook', () => {
    expect(overtaken([placed(2, 0, null), placed(1, 6, 9)])).toEqual([])
    expect(overtaken([placed(2, 0, 5), placed(1, 6, null)])).toEqual([[1, 2]])
  })

  it('is about one resource at a time', () => {
    expect(overtaken([placed(2, 0, 5, 'one'), placed(1, 6, 9, 'other')])).toEqual([])
  })

  it('names everyone who overtook, with the one furthest behind', () => {
    expect(overtaken([placed(9, 0, 3), placed(8, 0, 2), placed(1, 4, 6), placed(2, 5, 7), placed(10, 8, 9)])).toEqual([
      [1, 9],
      [2, 9],
    ])
  })

  it('finds the same as comparing every request with every other', () => {
    const request = fc.record({
      resourceId: fc.constantFrom('one', 'other'),
      seq: fc.nat({ max: 20 }),
      sentMs: fc.nat({ max: 20 }),
      tookMs: fc.option(fc.nat({ max: 10 }), { nil: null }),
    })
    fc.assert(
      fc.property(fc.array(request, { maxLength: 20 }), (drawn) => {
        const requests = drawn.map(({ resourceId, seq, sentMs, tookMs }, index) => ({
          requestId: String(index),
          resourceId,
          seq,
          sentMs,
          knownMs: tookMs === null ? null : sentMs + tookMs,
        }))
        const expected = requests.filter((later) =>
          requests.some(
            ({ resourceId, knownMs, seq }) =>
              resourceId === later.resourceId && knownMs !== null && knownMs < later.sentMs && seq > later.seq,
          ),
        )
        const found = findOrderViolations(requests).map(({ later }) => later.requestId)
        expect(found.toSorted()).toEqual(expected.map(({ requestId }) => requestId).toSorted())
      }),
    )
  })

  it('is checked of 200,000 requests in about the time of sorting them', () => {
    const requests = Array.from({ length: 200_000 }, (_, index) => placed(index, index, index + 50))
    const [first] = requests
    expect(first).toBeDefined()
    const late = requests.map((request) => (request === first ? { ...request, sentMs: 150_000 } : request))
    const startedMs = performance.now()
    const found = findOrderViolations(late)
    expect(performance.now() - startedMs).toBeLessThan(5_000)
    expect(found).toMatchObject([{ later: { seq: 0 }, earlier: { seq: 149_949 } }])
  })
})
