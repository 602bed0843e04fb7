import { expect, test } from 'vitest'
import { parseSettings } from '@boxoffice/core/settings/settings.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'

/** Returns the errors about settings, one a line. */
function toldOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    parseSettings(environment)
  } catch (error) {
    if (error instanceof StartupError) return error.message.split('\n').slice(1)
    throw error
  }
  throw new Error('they were taken')
}

test('an error in a setting is reported once, in our own words', () => {
  expect(
    toldOf({
      NODE_ENV: 'prod',
      PORT: 'http',
      LANES: '0.5',
      LINE_MAX_DEPTH: '1e20',
      LIMITS: 'yes',
      JWT_SECRET: 'short',
      DATABASE_URL: 'mysql://here',
      QUEUE_NAMESPACE: 'a b',
      METRICS_TOKEN: 'x',
      LOG_LEVEL: 'loud',
    }),
  ).toEqual([
    '  NODE_ENV: must be development, test, or production',
    '  PORT: must be a whole number from 0 to 65535',
    '  DATABASE_URL: must be a URL starting with postgres:// or postgresql://',
    '  QUEUE_NAMESPACE: takes up to 32 letters, digits, _ and -',
    '  LANES: must be a whole number from 1 to 64',
    '  LINE_MAX_DEPTH: must be a whole number from 1 to 10000000',
    '  LIMITS: must be on or off',
    '  JWT_SECRET: is too short: it must have at least 32 characters',
    '  METRICS_TOKEN: must have at least 16 characters',
    '  LOG_LEVEL: must be fatal, error, warn, info, debug, trace, or silent',
  ])
})

test('the depth of a line is taken under the name that it had before, too', () => {
  expect(parseSettings({ LANE_MAX_DEPTH: '7' }).LINE_MAX_DEPTH).toBe(7)
  expect(parseSettings({ LANE_MAX_DEPTH: '7', LINE_MAX_DEPTH: '9' }).LINE_MAX_DEPTH).toBe(9)
  expect(parseSettings({ LANE_MAX_DEPTH: '7', LINE_MAX_DEPTH: '' }).LINE_MAX_DEPTH).toBe(7)
  expect(parseSettings({}).LINE_MAX_DEPTH).toBe(100_000)
})

const SENDER =
  'must be an e-mail address such as tickets@example.com, or Tickets <tickets@example.com>; a name with : ; ( or ) needs double quotes'

test.each([
  'tickets@example.com',
  'Tickets <tickets@example.com>',
  'Farol, Lda. <tickets@example.com>',
  '"Farol: (tickets)" <tickets@example.com>',
  'Kinosaal Süd <tickets@exämple.org>',
  '<tickets@example.com>',
  'Boxoffice <tickets@localhost>',
])('mail may be sent from %s', (sender) => {
  expect(parseSettings({ MAIL_FROM: sender }).MAIL_FROM).toBe(sender)
})

test.each([
  'Tickets',
  'Tickets <tickets>',
  'Tickets <tickets@example.com',
  'Tickets tickets@example.com',
  'Tickets <tickets@>',
  'Tickets <@example.com>',
  'Tickets <tickets@example.com/x>',
  'Farol: tickets <tickets@example.com>',
  'Tickets <a@example.com> <b@example.com>',
  'a@example.com, b@example.com',
  'Tickets\nBcc: b@example.com <a@example.com>',
])('mail cannot be sent from %j', (sender) => {
  expect(toldOf({ MAIL_FROM: sender })).toEqual([`  MAIL_FROM: ${SENDER}`])
})
