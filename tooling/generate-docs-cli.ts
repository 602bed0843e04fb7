import { writeFile } from 'node:fs/promises'
import { GENERATED_PAGES, textOf } from './pages.ts'

// Writes the generated pages of the documentation. A test fails while one of them differs from the code.

for (const page of GENERATED_PAGES) {
  await writeFile(new URL(`../${page.file}`, import.meta.url), textOf(page))
  console.log(page.file)
}
