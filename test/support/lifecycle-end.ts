import { describe, expect, it } from 'vitest'
import { findViolations } from './lifecycle-invariants.ts'
import { findDisorderedEvents, type LifecycleStage } from './lifecycle-stage.ts'

/** Declares the last tests of a file that plays on a stage: the invariants hold, whatever went on there. */
export function describeEndOf(stage: () => LifecycleStage): void {
  describe('after all of this', () => {
    it('the tables contradict each other nowhere', async () => {
      expect(await findViolations(stage().db)).toEqual([])
    })

    it('the events of every booking have arrived in their order', async () => {
      expect(await findDisorderedEvents(stage())).toEqual([])
      expect(stage().receiver.complaints).toEqual([])
    })
  })
}
