export { BoxofficeClient, type ClientOptions, type ListId } from './client.ts'
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
export { type FieldProblem, RefusedError } from './refusal.ts'
export type { AnswerOf, CallOptions, OperationId } from './types.ts'
