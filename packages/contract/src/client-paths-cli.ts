import { writeFileSync } from 'node:fs'
import { clientPaths } from './client-paths.ts'
import { clientTypes } from './client-types.ts'
import { OPERATIONS } from './operations.ts'

// The client must not load the schemas, and is installed without them, so what it needs of the operations is written out
// for it.
const write = (file: string, text: string) => writeFileSync(new URL(`../../client/src/${file}`, import.meta.url), text)
write('paths.ts', clientPaths(OPERATIONS))
write('api.ts', clientTypes(OPERATIONS))
