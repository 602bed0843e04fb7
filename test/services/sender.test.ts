import { describe, expect, it } from 'vitest'
import { Sender, type SenderOptions } from '@boxoffice/core/sending/sender.ts'
import { testLogger } from '../support/logger.ts'
import { eventually } from '../support/eventually.ts'

interface Parcel {
  readonly id: string
}

/** Creates a sender of parcels, which are claimed in order and stay on their way until the test ends that. */
function given(due: readonly string[], own: Partial<SenderOptions<Parcel>> = {}) {
  const left = due.map((id) => ({ id }))
  const underWay = new Map<string, () => void>()
  const rooms: number[] = []
  const sender = new Sender<Parcel>({
    what: 'parcels',
    logger: testLogger,
    atOnce: 3,
    lookEveryMs: 60_000,
    claim: async function* (room) {
      rooms.push(room)
      yield left.splice(0, room)
    },
    send: ({ id }) => new Promise((resolve) => underWay.set(id, resolve)),
    ...own,
  })
  return { sender, rooms, underWay }
}

describe('a sender', () => {
  it('has no more under way than it may, and claims as much as it has room for', async () => {
    const { sender, rooms, underWay } = given(['a', 'b', 'c', 'd'])
    expect(await sender.look()).toBe(true)
    expect([...underWay.keys()]).toEqual(['a', 'b', 'c'])
    expect(await sender.look()).toBe(false)
    expect(rooms).toEqual([3, 0])
  })

  it('looks again as soon as one is done', async () => {
    const { sender, underWay } = given(['a', 'b', 'c', 'd'])
    sender.start()
    await eventually(() => expect(underWay.size).toBe(3))
    underWay.get('b')?.()
    await eventually(() => expect([...underWay.keys()]).toEqual(['a', 'b', 'c', 'd']))
    for (const finish of underWay.values()) finish()
    await sender.stop(1_000)
  })

  it('looks at once when nudged, also during a look', async () => {
    const claiming = Promise.withResolvers<void>()
    let looks = 0
    const { sender } = given([], {
      claim: async function* () {
        looks++
        await claiming.promise
        yield []
      },
    })
    sender.start()
    sender.nudge()
    claiming.resolve()
    await eventually(() => expect(looks).toBe(2))
    sender.nudge()
    await eventually(() => expect(looks).toBe(3))
    await sender.stop(1_000)
  })

  it('sends what it has claimed, though a later claim of the same look fails', async () => {
    const { sender, underWay } = given([], {
      claim: async function* () {
        yield [{ id: 'a' }]
        await Promise.reject(new Error('the database is away'))
      },
    })
    await expect(sender.look()).rejects.toThrow('the database is away')
    expect([...underWay.keys()]).toEqual(['a'])
  })

  it('goes on after one that could not be settled', async () => {
    const { sender } = given(['a'], { send: () => Promise.reject(new Error('the database is away')) })
    await sender.look()
    await sender.settled()
    expect(await sender.look()).toBe(false)
  })

  it('claims no more once it stops, and breaks off what is under way', async () => {
    const broken: string[] = []
    const { sender, rooms } = given(['a', 'b', 'c', 'd'], {
      send: ({ id }, stopping) =>
        new Promise((resolve) =>
          stopping.addEventListener('abort', () => {
            broken.push(id)
            resolve()
          }),
        ),
    })
    sender.start()
    await eventually(() => expect(rooms).toEqual([3]))
    await sender.stop(10_000)
    expect(broken).toEqual(['a', 'b', 'c'])
    expect(rooms).toEqual([3])
  })

  it('stops within its bound, whatever is under way', async () => {
    const { sender, underWay } = given(['a'])
    await sender.look()
    await sender.stop(0)
    expect(underWay.size).toBe(1)
  })
})
