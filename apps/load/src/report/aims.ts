import type { Aim } from '../results/results.ts'

/** Says whether an aim was reached. Missing it fails nothing. */
export function reachOf({ value, relation, aim }: Aim): string {
  const reached = { 'at least': value >= aim, 'at most': value <= aim, under: value < aim }[relation]
  return reached ? 'reached' : 'NOT reached'
}

export const formatAim = (one: Aim): string =>
  `  ${one.what}: ${one.value} (${one.relation} ${one.aim}: ${reachOf(one)})`
