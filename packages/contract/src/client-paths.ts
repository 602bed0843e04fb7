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
