/** Returns the value of a metric with exactly these labels in Prometheus' text format; 0 if it is missing. */
export function valueOf(scrape: string, metric: string): number {
  const line = scrape.split('\n').find((each) => each.startsWith(`${metric} `))
  return line === undefined ? 0 : Number(line.slice(metric.length + 1))
}
