import type { Submission } from '@boxoffice/core/domain/booking-request.ts'
import type { StoredRequest } from '@boxoffice/core/booking-requests/request-view.ts'
import type { TestDatabase } from '../support/database.ts'
import { type Engine, openEngine } from '../support/engine.ts'
import { type CompetingWorkersOptions, openCompetingWorkers } from '../support/workers.ts'

/** Two API processes and two workers, as far as one process can have them: each with its own pools and memory. */
export interface Flood {
  readonly engines: readonly [Engine, Engine]
  /** Submits all requests at once, through both processes, and returns once every one of them is decided. */
  accept(submissions: readonly Submission[]): Promise<StoredRequest[]>
  /** Resolves once every notification so far was handled. */
  settled(): Promise<void>
  close(): Promise<void>
}

export function openFlood(db: TestDatabase, options: Pick<CompetingWorkersOptions, 'wrap'> = {}): Flood {
  const workers = openCompetingWorkers(db, {
    ...options,
    onSignal: (signal) => {
      for (const engine of engines) engine.line.onSignal(signal)
    },
  })
  const onNotify = workers.notify
  const engines = [openEngine(db, { onNotify }), openEngine(db, { onNotify })] as const
  return {
    engines,
    accept: async (submissions) => {
      const accepted = await Promise.all(
        submissions.map((submission, index) => engines[index % 2 === 0 ? 0 : 1].line.accept(submission)),
      )
      await workers.settled()
      return accepted
    },
    settled: workers.settled,
    close: async () => {
      await workers.close()
      await Promise.all(engines.map((engine) => engine.close()))
    },
  }
}
