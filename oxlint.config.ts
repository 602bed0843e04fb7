import { defineConfig } from 'oxlint'
import { forbiddenTo, type RoomName, roomNames, ROOMS } from './rooms.ts'

/** Other packages, apps, and core itself by another way than a relative path. */
const OUTSIDE_CORE = '^@boxoffice/|(^|/)apps/|^\\.\\./(.*/)?src/'

/** Packages other than zod: the contract imports the fields, and nothing that runs. */
const PACKAGES = '^[^.z]|^z[^o]'

/** Folders within a room lie at most so deep. */
const DEPTHS = [0, 1, 2]

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'vitest'],
  categories: { correctness: 'error' },
  env: { builtin: true, node: true },
  ignorePatterns: ['node_modules/**', 'drizzle/**', '.data/**', 'coverage/**', 'load-results/**'],
  rules: {
    eqeqeq: ['error', 'always', { null: 'ignore' }],
    'no-console': 'error',
    'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all' }],
    'no-var': 'error',
    'prefer-const': 'error',
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    'import/no-duplicates': 'error',
    'typescript/await-thenable': 'error',
    'typescript/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    'typescript/no-misused-spread': ['error', { allow: ['string'] }],
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/unbound-method': 'off',
    'vitest/expect-expect': 'off',
    'vitest/no-conditional-expect': 'off',
    'vitest/no-focused-tests': 'error',
    'vitest/no-disabled-tests': 'error',
  },
  overrides: [
    restrict(
      'packages/contract/src/**/*.ts',
      '^@boxoffice/[abd-z]|^@boxoffice/client|^@boxoffice/core/(d[^o]|f[^i]|[^df])|(^|/)apps/|^\\.\\./(.*/)?src/',
      'the contract imports the domain and the fields, and nothing that runs.',
    ),
    restrict(
      'packages/client/src/**/*.ts',
      '^[^.]|^\\.\\./',
      'the client is installed by itself and runs in browsers: it imports nothing but itself.',
    ),
    ...roomNames().flatMap(roomRules),
    ...DEPTHS.map((depth) =>
      restrict(
        `packages/core/src/domain/${'*/'.repeat(depth)}*.ts`,
        `^[^.]|^(\\./)?${'\\.\\./'.repeat(depth)}\\.\\.(/|$)|[^./]/\\.\\./`,
        'domain imports nothing but itself: no packages, no built-ins.',
      ),
    ),
    {
      files: ['packages/core/src/domain/**/*.ts'],
      rules: {
        'no-restricted-globals': [
          'error',
          'process',
          'fetch',
          'crypto',
          'performance',
          'setTimeout',
          'setInterval',
          'setImmediate',
          'queueMicrotask',
        ],
        'no-restricted-properties': [
          'error',
          { object: 'Date', property: 'now', message: 'domain has no clock: `now` is passed in.' },
          { object: 'Math', property: 'random', message: 'domain has no randomness: random bytes are passed in.' },
        ],
      },
    },
    {
      ...restrict(
        'apps/**/*.ts',
        '^@boxoffice/(api|load|standalone|web|worker)(/|$)|(^|/)(apps|packages)/|^\\.\\./(.*/)?src/',
        'an app imports packages, never another app.',
      ),
      excludeFiles: ['apps/standalone/**'],
    },
    {
      files: ['**/*-cli.ts', 'apps/standalone/**/*.ts', 'apps/load/**/*.ts'],
      rules: { 'no-console': 'off' },
    },
    {
      files: ['*.config.ts', 'apps/*/*.config.ts', 'packages/*/*.config.ts'],
      rules: { 'import/no-default-export': 'off' },
    },
  ],
})

/** Returns the override that keeps imports of `files` from matching `regex`. */
function restrict(files: string, regex: string, message: string): LintOverride {
  return { files: [files], rules: { 'no-restricted-imports': ['error', { patterns: [{ regex, message }] }] } }
}

/** Returns the overrides of a room, one for each depth: a path leads to a neighbour by so many `../` and no other number. */
function roomRules(room: RoomName): LintOverride[] {
  const message = `${room} stands on floor ${ROOMS[room].floor}: it imports rooms on lower floors only (rooms.ts).`
  const outside = room === 'fields' ? `${OUTSIDE_CORE}|${PACKAGES}` : OUTSIDE_CORE
  return DEPTHS.map((depth) => {
    const neighbours = `^(\\./)?${'\\.\\./'.repeat(depth + 1)}(${forbiddenTo(room).join('|')})/`
    return restrict(`packages/core/src/${room}/${'*/'.repeat(depth)}*.ts`, `${outside}|${neighbours}`, message)
  })
}

interface LintOverride {
  files: string[]
  rules: { 'no-restricted-imports': ['error', { patterns: { regex: string; message: string }[] }] }
}
