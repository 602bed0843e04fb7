/**
 * Most webhook endpoints of an organizer, disabled ones included and deleted ones not; as many again may get the events
 * of everybody. Publishing creates a row for each endpoint that wants an event.
 */
export const MAX_WEBHOOK_ENDPOINTS = 20
