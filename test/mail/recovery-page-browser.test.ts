import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signRecoveryToken } from '@boxoffice/core/access/recovery-token.ts'
import { verifyTicketToken } from '@boxoffice/core/tickets/ticket-token.ts'
import { sharedLifecycleApp } from '../api/start-lifecycle-app.ts'
import { CHROMIUM_ARGS, chromiumPath } from '../support/browser.ts'
import { givenEvent } from '../support/catalogue.ts'
import { signTestToken, TEST_SECRETS } from '../support/tokens.ts'
import { readQrCodes } from '../tickets/qr-reader.ts'

const TICKETS = 120

if (chromiumPath === null) {
  process.stderr.write('Not run: the page of a recovered booking in a browser, for chromium is not on PATH.\n')
}

describe.runIf(chromiumPath !== null)('the page of a large booking in a browser', () => {
  let browser: Browser
  let address: string
  const app = sharedLifecycleApp()
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: CHROMIUM_ARGS, timeout: 50_000 })
    address = await givenPage()
  })
  afterAll(() => browser.close())

  async function givenPage(): Promise<string> {
    const { eventId, ticketTypeIds, organizerId } = await givenEvent(app.db.database, {
      ticketTypes: [{ name: 'Balcony, unreserved', capacity: TICKETS, maxPerBooking: TICKETS }],
    })
    const tickets = [{ ticketTypeId: ticketTypeIds[0], quantity: TICKETS }]
    const { reference } = await app.book({ resource: { type: 'event', id: eventId }, tickets })
    await app.send('POST', `/v1/bookings/${reference}/status`, {
      token: await signTestToken('staff', { organizerId }),
      body: { status: 'confirmed', reason: 'in cash' },
    })
    const { rows } = await app.db.database.pool.query<{ id: string }>('select id from bookings where reference = $1', [
      reference,
    ])
    const token = await signRecoveryToken(rows[0]?.id ?? '', TEST_SECRETS.GUEST_SECRET, Date.now())
    return `${app.url}/recover?token=${token}`
  }

  /** Shows the page without JavaScript, and fails if the browser reports an error. */
  async function visit(width: number, work: (page: Page) => Promise<void>): Promise<void> {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width, height: 900 } })
    const complaints: string[] = []
    try {
      const page = await context.newPage()
      page.on('console', (message) => void complaints.push(message.text()))
      page.on('response', (response) => {
        if (response.status() >= 400) complaints.push(`${response.status()} ${new URL(response.url()).pathname}`)
      })
      await page.goto(address, { waitUntil: 'networkidle' })
      await work(page)
    } finally {
      await context.close()
    }
    expect(complaints).toEqual([])
  }

  it.each([360, 768, 1280])('shows codes that can be scanned at %i px, and fits', async (width) => {
    await visit(width, async (page) => {
      const codes = page.getByRole('img')
      expect(await codes.count()).toBe(50)
      const [text = ''] = await readQrCodes(await codes.nth(7).screenshot())
      expect(verifyTicketToken(app.ticketKeys, text)).not.toBeNull()
      const main = await page.locator('main').boundingBox()
      expect(main?.width).toBeLessThanOrEqual(width)
      const body = await page.locator('body').boundingBox()
      expect(body?.width).toBeLessThanOrEqual(width)
    })
  })

  it('leads from page to page, and back', async () => {
    await visit(360, async (page) => {
      await page.getByRole('link', { name: 'More tickets' }).first().click()
      await page.getByText('Tickets 51 to 100 of 120.').waitFor()
      await page.getByRole('link', { name: 'More tickets' }).last().click()
      await page.getByText('Tickets 101 to 120 of 120.').waitFor()
      expect(await page.getByRole('img').count()).toBe(20)
      expect(await page.getByRole('link', { name: 'More tickets' }).count()).toBe(0)
      await page.getByRole('link', { name: 'Earlier tickets' }).first().click()
      await page.getByText('Tickets 51 to 100 of 120.').waitFor()
    })
  })
})
