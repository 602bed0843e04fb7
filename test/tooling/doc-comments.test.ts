import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

// Holds the form of doc comments: a function's begins with a verb ("Returns", "Locks"), any other with a noun phrase. A
// clause headed by "What" or "Whether" has to be read twice.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** First words of a clause without a head. */
const HEADLESS = new Set(
  (
    'What Whose Of Whether Where How Who Which That Whoever Whom When Why As From By With Without To In On At Also Until ' +
    'Since Not Nothing If While Before After Beside Below Above Under Like Such So Then And But Or Likewise'
  ).split(' '),
)

/** Lines that declare a function, a method or an accessor. */
const FUNCTION =
  /^(?:export )?(?:async )?function\b|^(?:export )?const \w+ = (?:async )?(?:\(|<|\w+ =>)|^(?:(?:private|protected|public|static|override|async|get|set) )*#?\w+(?:<[^>]*>)?\([^;]*\)?.*\{$/

/** Lines that only look like a method. */
const CALL = /^(?:if|for|while|switch|return|test|it|describe)\b/

interface Comment {
  readonly text: string
  /** The line that the comment is about. */
  readonly declares: string
}

/** Returns the doc comments of a source. */
function commentsOf(source: string): readonly Comment[] {
  return [...source.matchAll(/^[ \t]*\/\*\*(.*?)\*\/[ \t]*\n([^\n]*)/gms)].map(([, body = '', line = '']) => ({
    text: body.replaceAll(/\n[ \t]*\* ?/g, '\n').trim(),
    declares: line.trim(),
  }))
}

/** Returns whether the comment begins as it should. */
function isWellBegun({ text, declares }: Comment): boolean {
  const [, first = ''] = /^[`"(]*([A-Za-z'-]+)/.exec(text) ?? []
  if (HEADLESS.has(first)) return false
  return !FUNCTION.test(declares) || CALL.test(declares) || /^[A-Z][a-z-]+s$/.test(first)
}

/** Returns the sources below a folder; generated ones are left out. */
function sourcesBelow(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/node_modules|\bdist\b|^client\/src\/api\.ts/.test(path))
    .map((path) => join(folder, path))
}

describe('doc comments', () => {
  it.each(['packages', 'apps', 'test', 'tooling'])('in %s begin with a verb or a noun', (folder) => {
    const wrong = sourcesBelow(folder).flatMap((file) =>
      commentsOf(readFileSync(join(ROOT, file), 'utf8'))
        .filter((comment) => !isWellBegun(comment))
        .map(({ text }) => `${file}: ${text.split('\n', 1).join('')}`),
    )
    expect(wrong).toEqual([])
  })

  it.each([
    ['/** What it costs. */\nreadonly price: number', false],
    ['/** Whether it is over. */\nfunction isOver(): boolean {', false],
    ['/** The price of a seat. */\nexport function priceOf(seat: Seat): number {', false],
    ['/** The name, in lower case. */\nget name() {', false],
    ['/** Returns the price of a seat. */\nexport function priceOf(seat: Seat): number {', true],
    ['/**\n * Locks a row.\n * @throws Error if there is none\n */\nasync lock(id: string): Promise<void> {', true],
    ['/** Price of a seat, in minor units. */\nreadonly price: number', true],
    ['/** `null` if nobody knows. */\nreadonly price: number | null', true],
  ])('%j is judged %s', (source, verdict) => {
    expect(commentsOf(source).map(isWellBegun)).toEqual([verdict])
  })
})
