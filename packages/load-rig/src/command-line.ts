import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { z } from 'zod'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'

/** Of one `--option`, and of one `--flag`. */
export const TEXT = { type: 'string' } as const
export const FLAG = { type: 'boolean', default: false } as const

/**
 * Splits a command line by its options. Throws a `StartupError` with one sentence, and `seeHelp` below it, for an option
 * that there is not or that lacks its value.
 */
export function splitCommandLine<const Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
  seeHelp: string,
) {
  try {
    return parseArgs({ args: joinNegatives(args), allowPositionals: true, options })
  } catch (error) {
    // Node explains at length; its first sentence says what is wrong.
    const [first = ''] = error instanceof Error ? error.message.split(/\.\s/) : [String(error)]
    throw new StartupError(`${first.replace(/\.$/, '')}.\n\n${seeHelp}`)
  }
}

/** `--rate -5` as `--rate=-5`: what begins with a minus is an option to `parseArgs`, and no option here is a number. */
function joinNegatives(args: readonly string[]): string[] {
  const joined: string[] = []
  for (const arg of args) {
    const option = joined.at(-1)
    if (/^-\d/.test(arg) && option?.startsWith('--') === true) joined.splice(-1, 1, `${option}=${arg}`)
    else joined.push(arg)
  }
  return joined
}

/** What a schema found wrong with options, one sentence each. */
export function sentencesOf(error: z.ZodError | undefined): string[] {
  return error?.issues.map(({ path, message }) => `--${String(path[0])}: ${message}`) ?? []
}

const count = new Intl.NumberFormat('en-US')

/** Read from text, in which nothing at all would count as 0. */
const numberFrom = (rule: string, takes: (value: number) => boolean) =>
  z.string().transform((text, context): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (takes(value)) return value
    context.addIssue({ code: 'custom', message: `must be ${rule}, not ${JSON.stringify(text)}` })
    return z.NEVER
  })

export const above0 = (max: number) =>
  numberFrom(`a number above 0 and at most ${count.format(max)}`, (value) => value > 0 && value <= max)

export const between = (min: number, max: number) =>
  numberFrom(`a number from ${min} to ${count.format(max)}`, (value) => value >= min && value <= max)

export const whole = (min: number, max: number) =>
  numberFrom(
    `a whole number from ${count.format(min)} to ${count.format(max)}`,
    (value) => Number.isInteger(value) && value >= min && value <= max,
  )

/** Names by comma. */
export const namesOf = <const Name extends string>(names: readonly Name[]) =>
  z.string().transform((text, context): readonly Name[] =>
    text.split(',').flatMap((given) => {
      const found = names.find((name) => name === given)
      if (found !== undefined) return [found]
      context.addIssue({
        code: 'custom',
        message: `there is no ${JSON.stringify(given)}; there are ${names.join(', ')}`,
      })
      return []
    }),
  )
