import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Checkout } from '@boxoffice/core/payments/provider.ts'
import { CHROMIUM_ARGS, chromiumPath } from '../support/browser.ts'
import { shared } from '../support/shared.ts'
import { sharedSandbox } from './sandbox-harness.ts'
import { serveSandboxPage } from './sandbox-page.ts'

if (chromiumPath === null) {
  process.stderr.write('Not run: the sandbox in a browser, for chromium is not on PATH.\n')
}

describe.runIf(chromiumPath !== null)('the checkout page in a browser', () => {
  let browser: Browser
  const sandbox = sharedSandbox()
  const served = shared(
    () => serveSandboxPage(sandbox),
    (opened) => opened.close(),
  )
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: CHROMIUM_ARGS, timeout: 50_000 })
  })
  afterAll(() => browser.close())

  /** Runs `work` on the page of a new checkout, and fails if the browser reports an error. */
  async function visit(work: (page: Page, checkout: Checkout) => Promise<void>, options: BrowserContextOptions = {}) {
    const { checkout } = await sandbox.begin()
    const context = await browser.newContext({ javaScriptEnabled: false, ...options })
    const complaints: string[] = []
    try {
      const page = await context.newPage()
      page.on('console', (message) => void complaints.push(message.text()))
      await page.goto(served.addressOf(checkout))
      await work(page, checkout)
    } finally {
      await context.close()
    }
    expect(complaints).toEqual([])
  }

  it('is paid with one click, without JavaScript', async () => {
    await visit(async (page) => {
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Farol Cinema, 2 seats: E5, E6')
      await page.getByRole('button', { name: 'Pay 24.72 EUR' }).click()
      await page.getByRole('heading', { name: 'Paid: 24.72 EUR' }).waitFor()
      expect(await page.getByRole('button').count()).toBe(0)
      const back = page.getByRole('link', { name: 'Back to shop.example' })
      expect(await back.getAttribute('href')).toBe('https://shop.example/thanks')
    })
  })

  it('takes another card after one was declined', async () => {
    await visit(async (page) => {
      await page.getByRole('button', { name: 'Decline the card' }).click()
      expect(await page.getByRole('alert').textContent()).toContain('The card was declined.')
      await page.getByRole('button', { name: 'Pay 24.72 EUR' }).click()
      await page.getByRole('heading', { name: 'Paid' }).waitFor()
    })
  })

  it('shows by itself that a slow payment went through', async () => {
    const sender = sandbox.startSender()
    await visit(async (page) => {
      await page.getByLabel('Seconds').fill('3')
      await page.getByRole('button', { name: 'Pay slowly' }).click()
      await page.getByRole('heading', { name: 'being processed' }).waitFor()
      await page.getByRole('heading', { name: 'Paid' }).waitFor()
    })
    await sender.stop(10_000)
  })

  it('has its style, and fits a telephone, in the light and in the dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await visit(
        async (page) => {
          const button = page.getByRole('button', { name: 'Pay 24.72 EUR' })
          expect((await button.boundingBox())?.width).toBeGreaterThan(300)
          const look = 'getComputedStyle(document.querySelector("button.button")).borderTopLeftRadius'
          expect(await page.evaluate(look)).toBe('12px')
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
        },
        { viewport: { width: 390, height: 844 }, colorScheme },
      )
    }
  })
})
