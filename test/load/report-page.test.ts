import { describe, expect, it } from 'vitest'
import { renderReport } from '../../apps/load/src/report/render-report.ts'
import type { Results } from '../../apps/load/src/results/results.ts'
import { findMarkupProblems } from './markup-check.ts'
import { givenEmptyResults, givenResults, givenStream, givenTick } from './report-fixture.ts'

const HOSTILE = `"><script>alert('x')</script><img src=x onerror=alert(1)>&amp;\u0000\uD800`

/** Makes every text in it hostile, names of keys too. */
function makeHostile(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value + HOSTILE
  if (Array.isArray(value)) return value.map((item) => makeHostile(item, depth + 1))
  if (value === null || typeof value !== 'object') return value
  const openKeys = 'seat_unavailable' in value || '202' in value || 'paid' in value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [openKeys ? key + HOSTILE : key, makeHostile(item, depth + 1)]),
  )
}

describe('the check of markup', () => {
  const page = (body: string) => `<!doctype html>\n<html>${body}</html>\n`

  it.each([
    ['<p>one</div>', '</div> closes something else'],
    ['<p>one', '</html> closes something else'],
    ['1 < 2', 'not well-formed'],
    ['<p title=bare>x</p>', 'not well-formed'],
    ['a & b', 'a bare ampersand'],
    ['<p id="a">x</p><p id="a">y</p>', 'the id a twice'],
    ['<svg aria-labelledby="b"></svg>', 'nothing has the id b'],
    ['<path d="M0 NaN"/>', 'a value that is none'],
    ['<script>x</script>', '<script>'],
    ['<a href="https://example.org">x</a>', 'href='],
    ['<style>p { background: url(x) }</style>', 'a style that reaches out'],
  ])('finds what is wrong with %s', (body, problem) => {
    expect(findMarkupProblems(page(body)).join('\n')).toContain(problem)
  })

  it('finds nothing wrong with what is right', () => {
    expect(findMarkupProblems(page('<p id="a">1 &lt; 2<br/></p><svg aria-labelledby="a"></svg>'))).toEqual([])
  })
})

describe('the report of a run', () => {
  it('is well-formed, and needs nothing but itself', () => {
    const page = renderReport(givenResults())
    expect(findMarkupProblems(page)).toEqual([])
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
  })

  it('shows what refusals cost on disk, where it was measured', () => {
    const disk = { stream: 'refusals alone', refused: 500, turnedAway: 400, walBytes: 600_000, tableBytes: 50_000 }
    const page = renderReport(givenResults({ disk }))
    expect(findMarkupProblems(page)).toEqual([])
    for (const shown of ['500 refused, 400 of them before the line', '1,200', '100']) expect(page).toContain(shown)
    expect(renderReport(givenResults())).not.toContain('refused request')
    const nothing = renderReport(givenResults({ disk: { ...disk, refused: 0 } }))
    expect(findMarkupProblems(nothing)).toEqual([])
    expect(nothing).not.toContain('Infinity')
  })

  it('shows what was measured', () => {
    const page = renderReport(givenResults())
    for (const shown of [
      'Verified: 2 checks, nothing found.',
      'One showtime, 300 seats, and 3,000 people who all want the best of them.',
      '<dt>accepted/s</dt><dd>988</dd>',
      '<dt>decided/s</dt><dd>1,235</dd>',
      '<dt>booked</dt><dd>150</dd>',
      '<dt>refused</dt><dd>2,845</dd>',
      '<dt>buyers: total p99</dt><dd>211 <span class="unit">ms</span> <span class="unit">of 2,995</span></dd>',
      '<dt>generator own lag p99</dt><dd>1.4 <span class="unit">ms</span> <span class="unit">of 33,000</span></dd>',
      '<th scope="row">seat_unavailable</th><td>2,801</td>',
      '202: 2,995, 429: 5',
      '<th scope="row">worker</th><td>0.34</td><td>120</td>',
      'seats booked twice</th><td>none</td>',
      '2 cores (A processor)',
      'Great Hall: 278 of 300 seats sold',
      '498 of 500 watchers were connected; they were sent 91,234 messages.',
    ]) {
      expect(page).toContain(shown)
    }
  })

  it('sorts what was checked by what it is about, and says what that is', () => {
    const checks = ['I2 a lost request', 'I1 oversold', 'I2 another'].map((what) => ({ what, bad: 0 }))
    const page = renderReport(givenResults({ verification: { checks, violations: [] } }))
    expect(findMarkupProblems(page)).toEqual([])
    expect([...page.matchAll(/<th scope="row">(I\d .*?)<\/th>/g)].map(([, what]) => what)).toEqual([
      'I1 oversold',
      'I2 a lost request',
      'I2 another',
    ])
    expect(page).toContain('<dt>I1</dt><dd>Nothing is sold twice')
    expect(page).not.toContain('<dt>I3</dt>')
  })

  it('shows how many were in line in each second in which somebody looked', () => {
    const samples = [1.02, 2.04, 2.4].map((second, index) => ({ second, inLine: 71 + index, decided: 0 }))
    const page = renderReport(givenResults({ samples }, 4))
    const lines = [...page.matchAll(/<th scope="row">(\d)<\/th>(?:<td>[^<]*<\/td>)*?<td>([^<]*)<\/td><\/tr>/g)]
    expect(lines.map(([, second, inLine]) => [second, inLine])).toEqual([
      ['0', '–'],
      ['1', '71'],
      ['2', '72'],
      ['3', '–'],
    ])
  })

  it('says in words what is wrong, first', () => {
    const { outcome } = givenResults()
    const streams = [givenStream({ errors: 3, errorSamples: ['500 at /v1/booking-requests'], unsent: 40 })]
    const page = renderReport(
      givenResults({
        outcome: { ...outcome, streams },
        verification: { checks: [{ what: 'seats booked twice', bad: 2 }], violations: ['2 seats booked twice'] },
      }),
    )
    expect(findMarkupProblems(page)).toEqual([])
    for (const said of [
      'NOT clean: 2 things are wrong.',
      '<li>2 seats booked twice</li>',
      '<li>buyers: 3 requests failed, such as: 500 at /v1/booking-requests</li>',
      '<li>40 arrivals were not sent',
    ]) {
      expect(page.indexOf(said)).toBeGreaterThan(0)
      expect(page.indexOf(said)).toBeLessThan(page.indexOf('Key figures'))
    }
  })

  it('escapes whatever it is given', () => {
    const hostile = makeHostile({ ...givenResults(), format: 1 }) as Results
    const page = renderReport(hostile)
    expect(findMarkupProblems(page)).toEqual([])
    expect(page).not.toContain('<script')
    expect(page).not.toContain('<img')
    expect(page).toContain('&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;')
  })

  it.each<[string, Results]>([
    ['in which nothing happened', givenEmptyResults()],
    ['of one second', givenResults({}, 1)],
    ['without streams', { ...givenEmptyResults(), outcome: { ...givenEmptyResults().outcome, streams: [] } }],
    [
      'of nothing but zeros',
      givenResults({
        outcome: {
          ...givenEmptyResults().outcome,
          ticks: [0, 1, 2].map((second) => ({
            ...givenTick(second, 3),
            sent: 0,
            accepted: 0,
            decided: 0,
            booked: 0,
            refused: 0,
            reads: 0,
            p50: 0,
            p99: 0,
          })),
        },
        samples: [0, 1, 2].map((second) => ({ second, inLine: 0, decided: 0 })),
      }),
    ],
    [
      'in which nothing was answered',
      givenResults({
        outcome: {
          ...givenResults().outcome,
          ticks: [0, 1].map((second) => ({ ...givenTick(second, 2), p50: null, p99: null })),
          watchers: { watchers: 10, connected: 0, messages: 0, delay: null },
        },
      }),
    ],
  ])('draws a run %s', (_, results) => {
    expect(findMarkupProblems(renderReport(results))).toEqual([])
  })

  it('says on each card of a latency how many measurements it rests on', () => {
    const page = renderReport(givenResults())
    const cards = [...page.matchAll(/<dt>([^<]*: (?:accept|decide|total) p99)<\/dt><dd>(.*?)<\/dd>/g)]
    expect(cards.length).toBeGreaterThan(0)
    for (const [, name, shown] of cards) expect([name, shown]).toEqual([name, expect.stringMatching(/>of [\d,.\s]+</)])
  })

  it('does not take a percentile of nothing for 0 ms', () => {
    const page = renderReport(givenEmptyResults())
    expect(page).toContain('No latency was measured.')
    expect(page).not.toContain('total p99')
    expect(page).toContain('<dt>longest line</dt><dd>–</dd>')
  })
})
