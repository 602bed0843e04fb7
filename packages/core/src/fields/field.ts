/**
 * Fields of the catalogue's things, each declared once. The schemas of bodies and answers, the types that services take,
 * defaults and examples follow from the declaration.
 */
import type { z } from 'zod'

/** A sort of value. */
export interface Kind<Taken extends z.ZodType = z.ZodType, Shown extends z.ZodType = z.ZodType> {
  /** The schema of what a client sends. */
  readonly taken: Taken
  /** The schema of what is answered. It has no bounds, for a row may be older than they are. */
  readonly shown: Shown
  /** Returns what is wrong with a value of the right form, without a full stop. */
  readonly rule?: (value: z.output<Taken>) => string | null
}

/** A field and everything that follows from it. */
export interface Field<
  Create extends z.ZodType = z.ZodType,
  Change extends z.ZodType = z.ZodType,
  Shown extends z.ZodType = z.ZodType,
  Fixed extends boolean = boolean,
> {
  /** The schema in a body that makes the thing. */
  readonly create: Create
  /** The schema in a body that changes it. */
  readonly change: Change
  readonly shown: Shown
  /** Set once, and never changed. */
  readonly isFixed: Fixed
  /** The value where none is given; `undefined` where there is none. */
  readonly fallback: unknown
  readonly example: unknown
  readonly rule: ((value: never) => string | null) | undefined
}

export type Fields = Readonly<Record<string, Field>>

type ValueOf<F extends Field> = Exclude<z.output<F['change']>, undefined>
type Needed<F extends Fields> = {
  [Name in keyof F]: F[Name]['create'] extends z.ZodDefault | z.ZodOptional ? never : Name
}[keyof F]
type Changeable<F extends Fields> = { [Name in keyof F]: F[Name]['isFixed'] extends true ? never : Name }[keyof F]

/** All values of a thing; `undefined` stands for one that was left out and has no default. */
export type Row<F extends Fields> = {
  readonly [Name in keyof F]:
    | ValueOf<F[Name]>
    | (F[Name] extends { readonly create: z.ZodOptional; readonly fallback: undefined } ? undefined : never)
}

/** The values that make a thing; one that is left out gets its default. */
export type New<F extends Fields> = { readonly [Name in Needed<F>]: ValueOf<F[Name]> } & {
  readonly [Name in Exclude<keyof F, Needed<F>>]?: ValueOf<F[Name]> | undefined
}

/** The values that change a thing; one that is left out stays. */
export type Changes<F extends Fields> = { readonly [Name in Changeable<F>]?: ValueOf<F[Name]> | undefined }

interface About {
  readonly example: unknown
  readonly description?: string
  /** The default in words: only a body that makes the thing says it, because in a change nothing is filled in. */
  readonly standard?: string
}

type Declared<Taken extends z.ZodType, Create extends z.ZodType, Shown extends z.ZodType, Fallback> = Field<
  Create,
  z.ZodOptional<Taken>,
  Shown,
  false
> & { readonly fallback: Fallback }

/** Declares a field that must be given. */
export function required<Taken extends z.ZodType, Shown extends z.ZodType>(
  kind: Kind<Taken, Shown>,
  about: About,
): Declared<Taken, Taken, Shown, undefined> {
  const taken = describe(kind.taken, about)
  return { ...common(kind, about), create: taken, change: taken.optional(), fallback: undefined }
}

/** Declares a field whose default is part of the contract. */
export function defaulted<Taken extends z.ZodType, Shown extends z.ZodType>(
  kind: Kind<Taken, Shown>,
  fallback: z.output<Taken>,
  about: About,
): Declared<Taken, z.ZodDefault<Taken>, Shown, z.output<Taken>> {
  const taken = describe(kind.taken, about)
  // As zod types defaults: none of these values is `undefined`.
  const create = taken.default(fallback as z.core.util.NoUndefined<z.output<Taken>>)
  return { ...common(kind, about), create, change: taken.optional(), fallback }
}

/** Declares a field whose default the service fills in (`withDefaults`), so that the contract says it in words only. */
export function filled<Taken extends z.ZodType, Shown extends z.ZodType>(
  kind: Kind<Taken, Shown>,
  fallback: z.output<Taken>,
  about: About,
): Declared<Taken, z.ZodOptional<Taken>, Shown, z.output<Taken>> {
  return { ...optional(kind, about), fallback }
}

/** Declares a field that may be left out, and has no default. */
export function optional<Taken extends z.ZodType, Shown extends z.ZodType>(
  kind: Kind<Taken, Shown>,
  about: About,
): Declared<Taken, z.ZodOptional<Taken>, Shown, undefined> {
  const create = describe(kind.taken, { ...about, description: withStandard(about) }).optional()
  return { ...common(kind, about), create, change: describe(kind.taken, about).optional(), fallback: undefined }
}

function common<Taken extends z.ZodType, Shown extends z.ZodType>(kind: Kind<Taken, Shown>, about: About) {
  return { shown: describe(kind.shown, about), example: about.example, rule: kind.rule, isFixed: false as const }
}

/**
 * Adds a description and an example. A schema of an object or a list keeps its own: described anew, it loses its name
 * in the OpenAPI document.
 */
function describe<Schema extends z.ZodType>(
  schema: Schema,
  { description, example }: { readonly example: unknown; readonly description?: string | undefined },
): Schema {
  const about = { ...(description !== undefined && { description }), ...(typeof example !== 'object' && { example }) }
  return Object.keys(about).length === 0 ? schema : schema.meta(about)
}

/** Returns the description with the default: `Time that …; 10 minutes by default`. */
function withStandard({ description, standard }: About): string | undefined {
  const sentence = standard === undefined ? undefined : `${standard} by default`
  return description === undefined || sentence === undefined ? (description ?? sentence) : `${description}; ${sentence}`
}

/** Makes a field fixed: it is set once, and never changed. */
export function fixed<F extends Field>(field: F): Omit<F, 'isFixed'> & { readonly isFixed: true } {
  return { ...field, isFixed: true }
}

/** Returns the schemas of a body that makes a thing. */
export function creating<F extends Fields>(fields: F) {
  return part(fields, ({ create }) => create) as { readonly [Name in keyof F]: F[Name]['create'] }
}

/** Returns the schemas of a body that changes a thing. */
export function changing<F extends Fields>(fields: F) {
  return part(fields, ({ change, isFixed }) => (isFixed ? undefined : change)) as {
    readonly [Name in Changeable<F>]: F[Name]['change']
  }
}

/** Returns the schemas of what is shown of a thing. */
export function showing<F extends Fields>(fields: F) {
  return part(fields, ({ shown }) => shown) as { readonly [Name in keyof F]: F[Name]['shown'] }
}

/** Returns an example of what is shown of a thing. */
export function exampleOf(fields: Fields): Readonly<Record<string, unknown>> {
  return part(fields, ({ example }) => example)
}

/** Returns all values of a new thing; one that is left out gets its default. */
export function withDefaults<F extends Fields>(fields: F, given: New<F>): Row<F> {
  const values = new Map<string, unknown>(Object.entries(given))
  return Object.fromEntries(
    Object.entries(fields).map(([name, { fallback }]) => {
      const value = values.get(name)
      return [name, value === undefined ? fallback : value]
    }),
  ) as Row<F>
}

/** Returns those values of a row that are fields of the thing. */
export function fieldsOf<F extends Fields, Stored extends object>(
  fields: F,
  row: Stored,
): Pick<Stored, Extract<keyof Stored, keyof F>> {
  const entries = Object.entries(row).filter(([name]) => name in fields)
  return Object.fromEntries(entries) as Pick<Stored, Extract<keyof Stored, keyof F>>
}

function part(fields: Fields, take: (field: Field) => unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) => {
      const taken = take(field)
      return taken === undefined ? [] : [[name, taken]]
    }),
  )
}

/** A rule that is broken, without a full stop. */
export interface Broken {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/**
 * Holds a body against the rules of its fields, and against those of several fields. To be given to `superRefine`, which
 * comes after the form of all fields.
 */
export function rulesOf<F extends Fields>(
  fields: F,
  rulesOfSeveral: (values: Partial<Row<F>>) => Iterable<Broken> = () => [],
) {
  return (body: object, context: z.core.$RefinementCtx) => {
    // The schema of the body has just parsed it.
    const values = body as Partial<Row<F>>
    for (const [name, { rule }] of Object.entries(fields)) {
      const value = values[name]
      const message = value === undefined || rule === undefined ? null : rule(value as never)
      if (message !== null) context.addIssue({ code: 'custom', path: [name], message })
    }
    for (const { path, message } of rulesOfSeveral(values)) {
      context.addIssue({ code: 'custom', path: [...path], message })
    }
  }
}
