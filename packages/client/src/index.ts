export { BoxofficeClient, type ClientOptions } from './client.ts'
export {
  book,
  type BookingRequest,
  type BookingRequestBody,
  type BookOptions,
  type DecidedRequest,
  followRequest,
  isDecided,
} from './booking.ts'
export { type EventAvailability, type ShowtimeAvailability, watchEvent, watchShowtime } from './availability.ts'
export { readEventStream, type ServerSentEvent } from './event-stream.ts'
export { type OutgoingEvent, type OutgoingEventType, parseOutgoingEvent } from './outgoing-event.ts'
export { type FieldProblem, RefusedError } from './refusal.ts'
export type { AnswerOf, CallOptions, ListId, OperationId } from './types.ts'
