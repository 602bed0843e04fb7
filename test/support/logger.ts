import { createLogger, type Logger } from '@boxoffice/core/runtime/logger.ts'

/** `TEST_LOG=debug` shows what the code under test logs; otherwise it is silent. */
export const TEST_LOG = process.env['TEST_LOG']

export const testLogger = createTestLogger()

/** Creates a logger for tests that watch it or replace a part of it. */
export function createTestLogger(): Logger {
  return createLogger('test', TEST_LOG ?? 'silent')
}
