import type { LoadPlan, Stream } from './plan.ts'
import type { Customer } from './journey-context.ts'

const ADDRESSES = 250

/** Returns the customer of a stream by turn. Throws a `RangeError` where there is nobody. */
export function customersOf(
  { customers }: Pick<LoadPlan, 'customers'>,
  { name, address, localAddress, customers: range }: Pick<Stream, 'name' | 'address' | 'localAddress' | 'customers'>,
): (turn: number) => Customer {
  const { from, count } = range ?? { from: 0, count: customers.length }
  return (turn) => {
    const index = from + (turn % count)
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
