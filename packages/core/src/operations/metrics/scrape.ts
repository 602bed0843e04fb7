import type { Registry } from 'prom-client'

/** The metrics of a process in the text format of Prometheus. */
export interface Scrape {
  readonly contentType: string
  readonly body: string
}

/** Returns a function that renders the metrics. All who ask while that is under way share one rendering. */
export function scraper(registry: Registry): () => Promise<Scrape> {
  let underWay: Promise<Scrape> | null = null
  const render = async () => ({ contentType: registry.contentType, body: await registry.metrics() })
  return () =>
    (underWay ??= render().finally(() => {
      underWay = null
    }))
}
