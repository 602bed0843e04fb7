import { configDefaults, defineConfig } from 'vitest/config'
import everyday, { LONG } from './vitest.config.ts'

/** The suites that `npm test` leaves out. */
export default defineConfig({
  test: {
    ...everyday.test,
    include: LONG.map((path) => (path.endsWith('**') ? `${path}/*.test.ts` : path)),
    exclude: configDefaults.exclude,
  },
})
