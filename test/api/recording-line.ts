import { randomUUID } from 'node:crypto'
import type { BookingLine } from '@boxoffice/core/booking-requests/booking-line.ts'
import type { Submission } from '@boxoffice/core/domain/booking-request.ts'
import type { RequestView, StoredRequest } from '@boxoffice/core/booking-requests/request-view.ts'

/** A line that accepts everything and decides on request, for tests of HTTP alone. */
export class RecordingLine implements BookingLine {
  readonly submissions: Submission[] = []
  readonly #requests = new Map<string, StoredRequest>()
  readonly #followers = new Map<string, Set<Follower>>()
  /** The organizer of every resource. */
  organizerId: string | null = null
  /** The error that the next `accept` throws. */
  failure: Error | undefined

  async accept(submission: Submission) {
    const { failure } = this
    this.failure = undefined
    if (failure !== undefined) throw failure
    this.submissions.push(submission)
    const view: RequestView = {
      id: randomUUID(),
      state: 'queued',
      resource: { type: submission.kind, id: submission.resourceId },
      seq: this.submissions.length,
      ahead: 7,
      etaMs: 2_500,
      acceptedAt: '2027-01-01T00:00:00.000Z',
      decidedAt: null,
      booking: null,
      refusal: null,
    }
    const request = { view, owner: submission.owner, idempotencyKey: view.id, bodyHash: '00' }
    this.#requests.set(view.id, request)
    return { ...request, replayed: submission.idempotencyKey === 'seen-before' }
  }

  isKnown({ idempotencyKey }: Pick<Submission, 'idempotencyKey'>) {
    return Promise.resolve(idempotencyKey === 'seen-before')
  }

  organizerOf() {
    return Promise.resolve(this.organizerId)
  }

  async find(id: string) {
    return this.#requests.get(id) ?? null
  }

  async outcome(request: StoredRequest, timeoutMs: number, signal: AbortSignal) {
    return await new Promise<StoredRequest>((resolve, reject) => {
      const timer = setTimeout(() => finish(request.view), timeoutMs)
      const finish = (view: RequestView) => {
        clearTimeout(timer)
        stop()
        resolve({ ...request, view })
      }
      const stop = this.follow(request, { onPosition: () => undefined, onOutcome: finish })
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        stop()
        reject(new Error('aborted'))
      })
    })
  }

  follow({ view }: StoredRequest, follower: Follower) {
    const followers = this.#followers.get(view.id) ?? new Set()
    this.#followers.set(view.id, followers.add(follower))
    follower.onPosition(view)
    return () => void followers.delete(follower)
  }

  lastId(): string {
    return [...this.#requests.keys()].at(-1) ?? ''
  }

  followers(id: string): number {
    return this.#followers.get(id)?.size ?? 0
  }

  move(id: string, ahead: number): void {
    const view = { ...this.#get(id).view, ahead }
    for (const follower of this.#followers.get(id) ?? []) follower.onPosition(view)
  }

  refuse(id: string): void {
    const request = this.#get(id)
    const view: RequestView = {
      ...request.view,
      state: 'refused',
      ahead: 0,
      etaMs: 0,
      decidedAt: '2027-01-01T00:00:01.000Z',
      refusal: { code: 'seat_unavailable', detail: 'Seat A5 is taken.', seats: ['A5'] },
    }
    this.#requests.set(id, { ...request, view })
    for (const follower of this.#followers.get(id) ?? []) follower.onOutcome(view)
  }

  #get(id: string): StoredRequest {
    const request = this.#requests.get(id)
    if (request === undefined) throw new Error(`no request ${id}`)
    return request
  }
}

type Follower = Parameters<BookingLine['follow']>[1]
