import { readFileSync, writeFileSync } from 'node:fs'
import { withProblemsTable } from './problems-table.ts'

const file = new URL('../../../docs/http.md', import.meta.url)
writeFileSync(file, withProblemsTable(readFileSync(file, 'utf8')))
