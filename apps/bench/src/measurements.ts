import type { Measure } from './figures.ts'
import { measureDisturbed } from './scenarios/disturbed.ts'
import { measureGrowth } from './scenarios/growth.ts'
import { measureReads } from './scenarios/reads.ts'
import { measureScaling } from './scenarios/scaling.ts'
import { measureSoldOut } from './scenarios/sold-out.ts'
import { measureStartUp } from './scenarios/start-up.ts'
import { measureWaiting } from './scenarios/waiting.ts'
import { measureWatchers } from './scenarios/watchers.ts'

/** Measurements of one thing each, by the name that asks for them. */
export const MEASUREMENTS = {
  growth: measureGrowth,
  scaling: measureScaling,
  'sold-out': measureSoldOut,
  reads: measureReads,
  watchers: measureWatchers,
  waiting: measureWaiting,
  disturbed: measureDisturbed,
  'start-up': measureStartUp,
} as const satisfies Readonly<Record<string, Measure>>

export type Measurement = keyof typeof MEASUREMENTS
