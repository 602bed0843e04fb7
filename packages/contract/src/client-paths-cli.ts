import { writeFileSync } from 'node:fs'
import { clientPaths } from './client-paths.ts'
import { OPERATIONS } from './operations.ts'

// The client must not load the schemas, so what it needs of the operations is written out for it.
writeFileSync(new URL('../../client/src/paths.ts', import.meta.url), clientPaths(OPERATIONS))
