import { resolve } from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'

/** Suites that take minutes together: `npm run test:long` runs them. */
export const LONG = [
  'test/histories/**',
  'test/e2e/**',
  'test/load/bench-*-half.test.ts',
  'test/load/flood-scenarios.test.ts',
  'test/queue/maintenance.test.ts',
  'test/queue/transport.test.ts',
  'test/api/hoarding.test.ts',
]

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...LONG],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Tests start hundreds of processes of the same few programs, and each is ready a third of a second earlier.
    env: { NODE_COMPILE_CACHE: resolve('node_modules/.cache/node') },
    // Two files at a time: each starts servers and processes of its own.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    // A test that passes the second time has found something.
    retry: 0,
    restoreMocks: true,
  },
})
