import { writeFileSync } from 'node:fs'
import { refusalsDocument } from './refusals-document.ts'

// Writes the pages of docs/ that follow from the code; a test holds them against it.
writeFileSync(new URL('../../../docs/refusals.md', import.meta.url), refusalsDocument())
