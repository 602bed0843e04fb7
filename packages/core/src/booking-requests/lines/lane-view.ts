import type pg from 'pg'
import { laneFor } from '../../domain/lane.ts'
import { type LineView, listLines } from '../queries/line-view.ts'

/** A lane as those who run the service see it: all its lines together, but those of shows that are over. */
export interface LaneView {
  readonly id: number
  /** All its lines are. */
  readonly paused: boolean
  /** All its lines are. */
  readonly draining: boolean
  readonly waiting: number
  /** Sum of its lines' watermarks. */
  readonly watermark: number
  /** Sum over the lines in which something waits. */
  readonly decidedPerSecond: number
  readonly oldestWaitingMs: number | null
  /** Number of its showtimes and events. */
  readonly resources: number
}

/** Returns all lanes, by number. */
export async function listLanes(pool: pg.Pool, lanes: number): Promise<LaneView[]> {
  const byLane = Map.groupBy(await listLines(pool), ({ id }) => laneFor(id, lanes))
  return Array.from({ length: lanes }, (_, lane) => laneView(lane, byLane.get(lane) ?? []))
}

/** Returns a lane; `null` where there is none of this number. */
export async function findLane(pool: pg.Pool, lane: number, lanes: number): Promise<LaneView | null> {
  if (lane >= lanes) return null
  const all = await listLines(pool)
  return laneView(
    lane,
    all.filter(({ id }) => laneFor(id, lanes) === lane),
  )
}

function laneView(id: number, lines: readonly LineView[]): LaneView {
  const waiting = lines.filter((line) => line.waiting > 0)
  const oldest = waiting.flatMap(({ oldestMs }) => oldestMs ?? [])
  return {
    id,
    paused: lines.length > 0 && lines.every(({ paused }) => paused),
    draining: lines.length > 0 && lines.every(({ draining }) => draining),
    waiting: sum(waiting.map((line) => line.waiting)),
    watermark: sum(lines.map(({ watermark }) => watermark)),
    decidedPerSecond: Math.round(sum(waiting.map(({ decidedPerSecond }) => decidedPerSecond)) * 10) / 10,
    oldestWaitingMs: oldest.reduce<number | null>((longest, each) => Math.max(longest ?? 0, each), null),
    resources: lines.length,
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
