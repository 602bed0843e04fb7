import { eventsPage } from './events-page.ts'

/** The documents that are generated, by their path in the repository. */
export const GENERATED_PAGES: Readonly<Record<string, () => string>> = {
  'docs/events.md': eventsPage,
}
