import type pg from 'pg'

/** One thing that must not be in the database. */
export interface Check {
  /** The thing that it looks for, such as `I1 a seat of two live bookings`: the invariant of ARCHITECTURE.md, then words. */
  readonly name: string
  /**
   * Selects what contradicts, as `what`: ids, labels or references, as text. With `$1::uuid[]` it is about these
   * resources only.
   */
  readonly finds: string
}

export interface Finding {
  readonly name: string
  /** The number of rows that were found. */
  readonly count: number
  /** Up to three of them. */
  readonly samples: readonly string[]
}

type Executor = Pick<pg.Pool | pg.PoolClient, 'query'>

const SAMPLES = 3

/**
 * Runs one check; `count` is 0 where there is no contradiction.
 *
 * @param resourceIds for checks that are about some resources only.
 * @throws the driver's error when the statement fails.
 */
export async function runCheck(
  executor: Executor,
  { name, finds }: Check,
  resourceIds: readonly string[] = [],
): Promise<Finding> {
  const { rows } = await executor.query<{ count: number; samples: string[] | null }>(
    `with found as (${finds})
     select count(*) as count, (select array_agg(what::text) from (select what from found limit ${SAMPLES}) f) as samples
     from found`,
    finds.includes('$1') ? [resourceIds] : [],
  )
  const [found] = rows
  if (found === undefined) throw new Error(`the check ${name} returned nothing`)
  return { name, count: found.count, samples: found.samples ?? [] }
}

/** Lists everything that the checks find, one text each: `I1 a seat of two live bookings: A1`. Empty if all is well. */
export async function listFindings(executor: Executor, checks: readonly Check[]): Promise<string[]> {
  const found: string[] = []
  for (const { name, finds } of checks) {
    const { rows } = await executor.query<{ what: string }>(finds)
    found.push(...rows.map(({ what }) => `${name}: ${what}`))
  }
  return found
}

/** Describes a contradiction in a sentence: `I1 a seat of two live bookings: 2, such as A1, A2`. */
export function describeFinding({ name, count, samples }: Finding): string {
  const examples = samples.length === 0 ? '' : `, such as ${samples.join(', ')}`
  return `${name}: ${count}${examples}`
}
