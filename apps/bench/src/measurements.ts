import type { Measure } from './figures.ts'
import { measureReads } from './scenarios/reads.ts'
import { measureStartUp } from './scenarios/start-up.ts'

/** Measurements of one thing each, by the name that asks for them. */
export const MEASUREMENTS = {
  reads: measureReads,
  'start-up': measureStartUp,
} as const satisfies Readonly<Record<string, Measure>>

export type Measurement = keyof typeof MEASUREMENTS
