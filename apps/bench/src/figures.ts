import { formatTable } from '@boxoffice/load-rig/table.ts'
import type { BenchContext } from './context.ts'

/** What one measurement is meant to reach. Missing it fails nothing: it is reported as it is. */
export interface Aim {
  readonly what: string
  readonly value: number
  readonly relation: 'at least' | 'at most' | 'under'
  readonly aim: number
}

/** The outcome of a measurement, ready to be shown; also what is kept as JSON. */
export interface Figures {
  readonly title: string
  /** How it was measured, one sentence a line. */
  readonly about: readonly string[]
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly aims: readonly Aim[]
  /** What the audit found and what failed, one sentence each: there must be none. */
  readonly problems: readonly string[]
}

export type Measure = (context: BenchContext) => Promise<Figures>

/** `judged`: whether to say which aims were reached. */
export function formatFigures({ title, about, header, rows, aims }: Figures, judged: boolean): string {
  return [
    title,
    ...about.map((line) => `  ${line}`),
    '',
    formatTable(header, rows),
    ...(judged ? ['', ...aims.map((aim) => formatAim(aim))] : []),
  ].join('\n')
}

export function formatAim({ what, value, relation, aim }: Aim): string {
  const reached = { 'at least': value >= aim, 'at most': value <= aim, under: value < aim }[relation]
  return `  ${what}: ${value} (${relation} ${aim}: ${reached ? 'reached' : 'NOT reached'})`
}
