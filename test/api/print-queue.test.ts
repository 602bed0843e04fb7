import { expect, test } from 'vitest'
import { networksOf } from '../../apps/api/src/http/client-address.ts'
import { PrintQueue } from '../../apps/api/src/http/print-queue.ts'

const bookingOf = (id: string, quantity = 1) => ({ id, lines: [{ quantity }] })

/** Asks for the tickets of so many bookings at once, all of one address. Returns what ends the printing, and the codes. */
function askForMany(queue: PrintQueue, bookings: number, address: string, quantity?: number) {
  let end = () => {}
  const printed = new Promise<void>((resolve) => (end = resolve))
  const asked = Array.from({ length: bookings }, (_, index) =>
    queue
      .pass(
        { booking: bookingOf(`${address} ${index}`, quantity), networks: networksOf(address) },
        () => true,
        () => printed,
      )
      .then(
        () => 'printed',
        (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
      ),
  )
  return { end, asked }
}

const countOf = (all: readonly unknown[], one: unknown) => all.filter((each) => each === one).length

test('without shares one address takes all places: the control', async () => {
  const queue = new PrintQueue(false)
  const crowd = askForMany(queue, 201, '203.0.113.1')
  const neighbour = askForMany(queue, 1, '203.0.113.2')
  await expect(neighbour.asked[0]).resolves.toBe('overloaded')
  crowd.end()
  await Promise.all(crowd.asked)
})

test.each([
  ['few', 1, 25],
  ['many', 21, 2],
])('an address has its share of the places, where bookings have %s tickets', async (_name, quantity, share) => {
  const queue = new PrintQueue(true)
  const crowds = ['203.0.113.1', '203.0.113.2', '203.0.113.3'].map((address) =>
    askForMany(queue, 300, address, quantity),
  )
  const neighbour = askForMany(queue, 1, '198.51.100.1', quantity)
  for (const { end } of [...crowds, neighbour]) end()
  await expect(neighbour.asked[0]).resolves.toBe('printed')
  const answers = await Promise.all(crowds.map(({ asked }) => Promise.all(asked)))
  for (const all of answers) {
    expect(countOf(all, 'printed')).toBeLessThanOrEqual(share)
    expect(countOf(all, 'printed')).toBeGreaterThan(0)
    expect(countOf(all, 'printed') + countOf(all, 'too_many_requests')).toBe(all.length)
  }
  // What is printed is given back.
  const again = askForMany(queue, 1, '203.0.113.1', quantity)
  again.end()
  await expect(again.asked[0]).resolves.toBe('printed')
})
