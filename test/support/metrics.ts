/** The value of a metric with exactly these labels in Prometheus' text format; 0 where there is none yet. */
export function valueOf(scrape: string, metric: string): number {
  const line = scrape.split('\n').find((each) => each.startsWith(`${metric} `))
  return line === undefined ? 0 : Number(line.slice(metric.length + 1))
}
