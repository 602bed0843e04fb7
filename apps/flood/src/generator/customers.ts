import type { FloodPlan, Stream } from './plan.ts'
import type { Customer } from './world.ts'

const ADDRESSES = 250

/** The customers of a stream, who take turns. Throws a `RangeError` where there is nobody. */
export function customersOf(
  { customers }: Pick<FloodPlan, 'customers'>,
  { name, address, localAddress, customers: range }: Pick<Stream, 'name' | 'address' | 'localAddress' | 'customers'>,
): () => Customer {
  const { from, count } = range ?? { from: 0, count: customers.length }
  let turn = 0
  return () => {
    const index = from + (turn++ % count)
    const token = customers[index]
    if (token === undefined) throw new RangeError(`stream ${name} has no customer ${index}`)
    const n = String(1 + (index % ADDRESSES))
    const m = String(Math.floor(index / ADDRESSES) % ADDRESSES)
    return {
      index,
      token,
      address: address?.replace('{n}', n) ?? null,
      localAddress: localAddress?.replace('{m}', m).replace('{n}', n) ?? null,
    }
  }
}
