/**
 * Descriptions of payloads. From one follow the type that its writers are held to, its schema in the contract, the
 * client's type and its lines in the docs.
 */

interface Described {
  /** One sentence for people, without a full stop. */
  readonly about?: string | undefined
}

interface TextField extends Described {
  readonly kind: 'id' | 'reference' | 'currency' | 'text' | 'instant'
  readonly example: string
}

interface NumberField extends Described {
  /** An `amount` is in minor units of the currency beside it. */
  readonly kind: 'integer' | 'amount'
  readonly example: number
}

interface OneOfField extends Described {
  readonly kind: 'one_of'
  /** The first one is the example. */
  readonly values: readonly (string | boolean)[]
}

interface NestedField extends Described {
  /** A `map` has the names that people chose as its keys. */
  readonly kind: 'list' | 'map' | 'nullable' | 'optional'
  readonly of: Field
}

interface ObjectField extends Described {
  readonly kind: 'object'
  readonly fields: Fields
}

export type Field = TextField | NumberField | OneOfField | NestedField | ObjectField

export type Fields = Readonly<Record<string, Field>>

/** The value of a field as it is written: a time is a `Date` until it becomes JSON. */
type ValueOf<F> = F extends { readonly kind: 'instant' }
  ? Date
  : F extends TextField
    ? string
    : F extends NumberField
      ? number
      : F extends { readonly values: readonly (infer Value)[] }
        ? Value
        : F extends { readonly fields: infer Inner }
          ? ValuesOf<Inner>
          : F extends { readonly kind: 'list'; readonly of: infer Of }
            ? readonly ValueOf<Of>[]
            : F extends { readonly kind: 'map'; readonly of: infer Of }
              ? Readonly<Record<string, ValueOf<Of>>>
              : F extends { readonly kind: 'nullable'; readonly of: infer Of }
                ? ValueOf<Of> | null
                : F extends { readonly kind: 'optional'; readonly of: infer Of }
                  ? ValueOf<Of>
                  : never

type OptionalNames<F> = { [Name in keyof F]: F[Name] extends { readonly kind: 'optional' } ? Name : never }[keyof F]

/** The payload of these fields as it is written. */
export type ValuesOf<F> = { readonly [Name in Exclude<keyof F, OptionalNames<F>>]: ValueOf<F[Name]> } & {
  readonly [Name in OptionalNames<F>]?: ValueOf<F[Name]> | undefined
}

export const id = (about?: string) => ({ kind: 'id', example: '01890000-0000-7000-8000-000000000001', about }) as const

export const reference = () => ({ kind: 'reference', example: 'K7QXM2PA' }) as const

export const currency = (about?: string) => ({ kind: 'currency', example: 'EUR', about }) as const

export const instant = (about?: string) => ({ kind: 'instant', example: '2026-11-22T18:00:00.000Z', about }) as const

export const text = (example: string, about?: string) => ({ kind: 'text', example, about }) as const

export const integer = (example: number, about?: string) => ({ kind: 'integer', example, about }) as const

export const amount = (about?: string) => ({ kind: 'amount', example: 1200, about }) as const

/** Declares a field with one of these values; examples have the first one. */
export const oneOf = <const Values extends OneOfField['values']>(values: Values, about?: string) =>
  ({ kind: 'one_of', values, about }) as const

/** This value and no other. */
export const always = <const Value extends string | boolean>(value: Value) =>
  ({ kind: 'one_of', values: [value] }) as const

export const list = <const Of extends Field>(of: Of, about?: string) => ({ kind: 'list', of, about }) as const

/** Values by names that people chose. */
export const mapOf = <const Of extends Field>(of: Of, about?: string) => ({ kind: 'map', of, about }) as const

export const nullable = <const Of extends Field>(of: Of, about?: string) => ({ kind: 'nullable', of, about }) as const

/** Declares a field that may be missing. */
export const optional = <const Of extends Field>(of: Of, about?: string) => ({ kind: 'optional', of, about }) as const

export const object = <const Inner extends Fields>(fields: Inner, about?: string) =>
  ({ kind: 'object', fields, about }) as const

type ChangesOf<F> = { [Name in keyof F]: { readonly kind: 'optional'; readonly of: F[Name] } }

/** Declares the fields that may have changed: each may be missing. */
export function changesOf<const Inner extends Fields>(fields: Inner): ChangesOf<Inner> {
  const changes: Partial<ChangesOf<Inner>> = {}
  for (const name of Object.keys(fields) as (keyof Inner)[]) changes[name] = optional(fields[name])
  return changes as ChangesOf<Inner>
}
