import { createLogger, type Logger } from '@boxoffice/core/runtime/logger.ts'

/** `TEST_LOG=debug` shows what the code under test logs; otherwise it is silent. */
export const TEST_LOG = process.env['TEST_LOG']

export const testLogger = createTestLogger()

/** For those who watch it or put something in its place. */
export function createTestLogger(): Logger {
  return createLogger('test', TEST_LOG ?? 'silent')
}
