import { resolve } from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'
import { filesOf } from './test/support/projects.ts'

/** Suites that take minutes together: `npm run test:long` runs them, whatever they need. */
const LONG = [
  'test/histories/**/*.test.ts',
  'test/e2e/**/*.test.ts',
  'test/load/bench-*-half.test.ts',
  'test/load/flood-scenarios.test.ts',
  'test/queue/maintenance.test.ts',
  'test/queue/transport.test.ts',
  'test/api/hoarding.test.ts',
  'test/api/crowd-of-one-address.test.ts',
  'test/api/lecture-hall.test.ts',
  'test/api/slow-readers.test.ts',
  'test/client/package.test.ts',
  'test/db/waiting-lines.test.ts',
  'test/load/flood-plans.test.ts',
  'test/load/generator-open-loop.test.ts',
  'test/payments/sandbox-sender.test.ts',
  'test/payments/stripe.test.ts',
  'test/services/layout-round-trip.test.ts',
  'test/tickets/ticket-printer.test.ts',
  'test/**/*-browser.test.ts',
  'test/api/docs-page.test.ts',
  'test/concurrency/heavy-lines.test.ts',
  'test/concurrency/line.test.ts',
  'test/concurrency/lifecycle-payments.test.ts',
  'test/concurrency/neighbours.test.ts',
  'test/db/embedded-postgres.test.ts',
  'test/db/lines-upgrade.test.ts',
  'test/db/migrate.test.ts',
  'test/services/open-processes.test.ts',
  'test/support/support.test.ts',
  'test/api/operations.test.ts',
  'test/api/refusals.test.ts',
  'test/api/reports.test.ts',
  'test/api/bookings-fuzz.test.ts',
  'test/api/slow-clients.test.ts',
  'test/api/seating-reader.test.ts',
  'test/api/trusted-networks.test.ts',
  'test/load/generator-journeys.test.ts',
  'test/mail/acts.test.ts',
  'test/mail/budgets.test.ts',
  'test/mail/sending.test.ts',
  'test/mail/late-moves.test.ts',
  'test/mail/queue-move-mails.test.ts',
  'test/mail/parked.test.ts',
  'test/services/publish-outgoing-events.test.ts',
  'test/services/publishing-goes-on.test.ts',
  'test/tickets/ticket-pdf.test.ts',
  'test/webhooks/delivery.test.ts',
]

const exclude = [...configDefaults.exclude, ...LONG]
/** Starts PostgreSQL, once for all projects of a run that need it. */
const globalSetup = ['test/support/global-setup.ts']

export default defineConfig({
  test: {
    pool: 'forks',
    // Tests start hundreds of processes of the same few programs, and each is ready a third of a second earlier.
    env: { NODE_COMPILE_CACHE: resolve('node_modules/.cache/node') },
    // Two files at a time: each starts servers and processes of its own.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Where databases are kept, somebody is looking at them.
    teardownTimeout: process.env['KEEP_DATABASES'] === '1' ? 86_400_000 : 20_000,
    // A test that passes the second time has found something.
    retry: 0,
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: filesOf('unit'), exclude, setupFiles: ['test/support/no-servers.ts'] },
      },
      { extends: true, test: { name: 'db', include: filesOf('db'), exclude, globalSetup } },
      { extends: true, test: { name: 'system', include: filesOf('system'), exclude, globalSetup } },
      { extends: true, test: { name: 'long', include: LONG, globalSetup } },
    ],
  },
})
