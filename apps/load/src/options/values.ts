import { z } from 'zod'

/** Returns a sentence for each option that a schema refuses. */
export function sentencesOf(error: z.ZodError | undefined): string[] {
  return error?.issues.map(({ path, message }) => `--${String(path[0])}: ${message}`) ?? []
}

const count = new Intl.NumberFormat('en-US')

/** Reads a number from text, in which nothing at all would count as 0. */
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

export const nonEmpty = (rule: string) => z.string().min(1, { error: rule })

export const address = (protocols: readonly string[]) =>
  z.string().transform((text, context): URL => {
    const url = URL.canParse(text) ? new URL(text) : null
    if (url !== null && protocols.includes(url.protocol)) return url
    context.addIssue({ code: 'custom', message: `must be a URL starting with ${protocols.join('// or ')}//` })
    return z.NEVER
  })
