import type { ArrivalWindow } from '../../../generator/plan.ts'

/** The parts of a run, one after the other, with a gap between them in which the line empties. */
export interface Phases {
  /** Honest buyers and nobody else. */
  readonly alone: Required<ArrivalWindow>
  /** Requests that are refused and nothing else: what each of them costs on disk is measured. */
  readonly refusals: Required<ArrivalWindow>
  /** Hostile callers of every kind. */
  readonly hostile: Required<ArrivalWindow>
  /** The same honest buyers as at first, beside them. */
  readonly beside: Required<ArrivalWindow>
}

/** Divides a run of this length. */
export function phasesOf(durationMs: number): Phases {
  const part = (from: number, until: number) => ({ fromMs: from * durationMs, untilMs: until * durationMs })
  return { alone: part(0, 0.4), refusals: part(0.42, 0.52), hostile: part(0.56, 1), beside: part(0.6, 1) }
}

/** Returns the length of a phase in seconds. */
export const secondsOf = ({ fromMs, untilMs }: Required<ArrivalWindow>): number => (untilMs - fromMs) / 1_000
