export {
  areaState,
  auditoriums,
  blockAreas,
  blocks,
  categoryPrices,
  events,
  layoutAreas,
  layouts,
  layoutSizes,
  movies,
  organizers,
  promoCodeCustomers,
  promoCodeResources,
  promoCodes,
  promoCodeState,
  resourceCancellations,
  resources,
  formerRefundPolicies,
  resourceState,
  seatCategories,
  seats,
  showtimes,
  ticketTypeCustomers,
  ticketTypes,
  ticketTypeState,
  venues,
} from './catalogue.ts'
export { bookingRequests, lines } from './line.ts'
export {
  bookingItems,
  bookings,
  checkIns,
  idempotencyKeys,
  payments,
  providerInbox,
  refunds,
  seatAllocations,
  tickets,
} from './booking.ts'
export { apiKeys } from './access.ts'
export { mails, webhookAttempts, webhookDeliveries, webhookEndpoints } from './notify.ts'
export { audit, cleanUpPositions, eventCounters, eventFeed, maintenanceRuns, outbox } from './record.ts'
export { sandboxCheckouts, sandboxDeliveries, sandboxRefunds } from './sandbox.ts'
export { pendingMoves, setbacks } from './setback.ts'
