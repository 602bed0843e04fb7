import { describe, expect, it } from 'vitest'
import { EndpointIndex } from '@boxoffice/core/domain/endpoint-index.ts'

describe('the endpoints that take an event', () => {
  const all = { id: 'all', organizerId: null, eventTypes: [] }
  const bookings = { id: 'bookings', organizerId: 'farol', eventTypes: ['booking.*'] }
  const venues = { id: 'venues', organizerId: 'farol', eventTypes: ['venue.updated'] }
  const index = new EndpointIndex([bookings, all, venues])
  const idsOf = (organizerId: string, type: string) => index.takersOf({ organizerId, type }).map(({ id }) => id)

  it("are its organizer's and the service's, as far as they take its type", () => {
    expect(idsOf('farol', 'booking.confirmed')).toEqual(['bookings', 'all'])
    expect(idsOf('farol', 'venue.updated')).toEqual(['venues', 'all'])
    expect(idsOf('farol', 'venue.created')).toEqual(['all'])
    expect(idsOf('other', 'booking.confirmed')).toEqual(['all'])
  })

  it("are found without looking at anybody else's", () => {
    let looked = 0
    const others = Array.from({ length: 1_000 }, (_, at) => ({
      organizerId: `other-${at}`,
      get eventTypes() {
        looked += 1
        return []
      },
    }))
    const crowded = new EndpointIndex([...others, bookings])
    expect(crowded.takersOf({ organizerId: 'farol', type: 'booking.confirmed' })).toEqual([bookings])
    expect(looked).toBe(0)
  })
})
