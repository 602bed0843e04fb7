import { parseSettings, type Settings } from '@boxoffice/core/settings/settings.ts'
import { TEST_SECRETS } from './tokens.ts'

/** Settings for parts of the API that a test puts together itself; `changes` are environment variables. */
export const testSettings = (changes: Readonly<Record<string, string>> = {}): Settings =>
  parseSettings({ NODE_ENV: 'test', ...TEST_SECRETS, ...changes })
