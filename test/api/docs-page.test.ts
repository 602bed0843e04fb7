import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OPERATIONS } from '@boxoffice/contract/operations.ts'
import { OUTGOING_EVENT_TYPES } from '@boxoffice/core/domain/outgoing-events/outgoing-events.ts'
import { CHROMIUM_ARGS, chromiumPath } from '../support/browser.ts'
import { sharedApp } from './start-app.ts'

// The documentation must be readable on a network without access to the internet.

const app = sharedApp()

const get = (path: string) => fetch(`${app.url}${path}`, { redirect: 'manual' })

test.each(['/', '/docs/'])('%s leads to the documentation', async (path) => {
  const answer = await get(path)
  expect(answer.status).toBe(302)
  expect(answer.headers.get('location')).toBe('/docs')
})

test('the page may load nothing from elsewhere and run no script that is written into it', async () => {
  const answer = await get('/docs')
  const policy = answer.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self';")
  expect(policy).not.toContain('unsafe')
  const page = await answer.text()
  expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
  expect(page).not.toMatch(/<script(?![^>]*src=)/)
})

test('nothing else of the folders is served', async () => {
  for (const name of ['index.html', 'docs-routes.ts', 'package.json', '..%2fdocs-routes.ts']) {
    expect((await get(`/docs/${name}`)).status).toBe(404)
  }
})

if (chromiumPath === null) {
  process.stderr.write('Not run: the documentation in a browser, for chromium is not on PATH.\n')
}

describe.runIf(chromiumPath !== null)('the documentation in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: CHROMIUM_ARGS, timeout: 50_000 })
  })
  afterAll(() => browser.close())

  test('shows every operation and every outgoing event, asks no other host and complains of nothing', async () => {
    const page = await browser.newPage()
    const complaints: string[] = []
    const hosts = new Set<string>()
    page.on('console', (message) => void complaints.push(message.text()))
    page.on('pageerror', (error) => void complaints.push(error.message))
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url())
      if (protocol !== 'data:') hosts.add(origin)
    })
    await page.goto(`${app.url}/docs`)
    await page.locator('.opblock').first().waitFor()
    const tags = await page.locator('.opblock-tag').evaluateAll((found) => found.map((tag) => tag.dataset['tag']))
    expect(tags).toEqual([...new Set(OPERATIONS.map(({ tag }) => tag))])
    const summaries = await page.locator('.opblock-summary-description').allTextContents()
    const operations = OPERATIONS.map(({ summary }) => summary)
    expect(summaries.sort()).toEqual([...operations, ...OUTGOING_EVENT_TYPES].sort())

    await page.getByText('Request seats or tickets').click()
    await page.locator('.opblock.is-open .responses-table').waitFor()
    expect(await page.locator('.opblock.is-open').textContent()).toContain('too_many_holds')
    expect([...hosts]).toEqual([app.url])
    expect(complaints).toEqual([])
  })
})
