import { OUTGOING_EVENT_TYPES } from '@boxoffice/core/domain/outgoing-events.ts'
import type { Operation } from './operation.ts'

/** Source of the client's `paths.ts`: method and path by operation, and nothing that a browser would have to load. */
export function clientPaths(operations: readonly Operation[]): string {
  const rows = operations
    .map(({ id, method, path }) => `  ${id}: ['${method.toUpperCase()}', '${path}'],`)
    .toSorted((a, b) => (a < b ? -1 : 1))
  return `import type { OperationId } from './types.ts'

/** Method and path of every operation. Written by \`npm run client:paths\`; a test holds it against the contract. */
export const PATHS: Readonly<Record<OperationId, readonly [method: string, path: string]>> = {
${rows.join('\n')}
}
`
}

/** Returns the source of the client's `event-types.ts`: the types of outgoing events that it knows. */
export function clientEventTypes(): string {
  return `import type { OutgoingEventData } from './api.ts'

/** The types of outgoing events. Written by \`npm run client:paths\`; a test holds it against the contract. */
export const OUTGOING_EVENT_TYPES: readonly (keyof OutgoingEventData)[] = [
${OUTGOING_EVENT_TYPES.map((type) => `  '${type}',`).join('\n')}
]
`
}
