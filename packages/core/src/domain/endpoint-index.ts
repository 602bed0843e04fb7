import { takesOutgoingEvent } from './outgoing-events/outgoing-event-recipients.ts'

interface Endpoint {
  readonly organizerId: string | null
  readonly eventTypes: readonly string[]
}

/**
 * Endpoints by their organizer, so that an event is held against those of its own organizer and of the service, and not
 * against everybody's.
 */
export class EndpointIndex<E extends Endpoint> {
  readonly #byOrganizer: ReadonlyMap<string | null, readonly E[]>

  constructor(endpoints: readonly E[]) {
    this.#byOrganizer = Map.groupBy(endpoints, ({ organizerId }) => organizerId)
  }

  /** Returns the endpoints that take the event. */
  takersOf({ organizerId, type }: { readonly organizerId: string; readonly type: string }): readonly E[] {
    return [organizerId, null].flatMap((owner) =>
      (this.#byOrganizer.get(owner) ?? []).filter(({ eventTypes }) => takesOutgoingEvent(eventTypes, type)),
    )
  }
}
