const FEW = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const MANY = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** Formats three digits that matter, all digits from 1,000 on; a dash if nothing was measured. */
export function formatFigure(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return '–'
  return Math.abs(value) < 1_000 ? FEW.format(value) : MANY.format(value)
}

/** Formats `×1.25`; a dash if there is no ratio. */
export function formatRatio(ratio: number | null): string {
  return ratio === null ? '–' : `×${ratio.toFixed(2)}`
}

/** Formats `1 seat`, `2,000 seats`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatFigure(count)} ${count === 1 ? one : many}`
}
