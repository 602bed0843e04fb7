import type { Registry } from 'prom-client'

/** The metrics of a process in the text format of Prometheus. */
export interface Scrape {
  readonly contentType: string
  readonly body: string
}

export async function scrape(registry: Registry): Promise<Scrape> {
  return { contentType: registry.contentType, body: await registry.metrics() }
}
