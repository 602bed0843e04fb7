import type { StoredRequest } from '@boxoffice/core/booking-requests/request-view.ts'
import { laneFor } from '@boxoffice/core/domain/lane.ts'

/** The number of lanes of every test. */
export const TEST_LANES = 8

/** Returns the lane of the showtime or event that was asked for. */
export const laneOf = ({ view }: Pick<StoredRequest, 'view'>): number => laneFor(view.resource.id, TEST_LANES)
