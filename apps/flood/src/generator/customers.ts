import type { FloodPlan, Stream } from './plan.ts'
import type { Customer } from './world.ts'

const ADDRESSES = 250

/** The customers of a stream, who take turns. Throws a `RangeError` where there is nobody. */
export function customersOf(
  { customers }: Pick<FloodPlan, 'customers'>,
  { name, address, customers: range }: Pick<Stream, 'name' | 'address' | 'customers'>,
): () => Customer {
  const { from, count } = range ?? { from: 0, count: customers.length }
  let turn = 0
  return () => {
    const index = from + (turn++ % count)
    const token = customers[index]
    if (token === undefined) throw new RangeError(`stream ${name} has no customer ${index}`)
    return { index, token, address: address?.replace('{n}', String(1 + (index % ADDRESSES))) ?? null }
  }
}
