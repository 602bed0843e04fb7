import type { BookingRequest } from '../booking-request.ts'
import { type SaleState, saleState } from '../sale-window.ts'
import type { ResourceSnapshot } from '../snapshot.ts'
import { type Rule, rule, type RuleName } from './rule.ts'

/** A request with its showtime or event, before its places are looked up. */
export interface AskedSale {
  readonly resource: ResourceSnapshot
  readonly request: Pick<BookingRequest, 'acceptedAt' | 'seller' | 'blockId'>
}

/** The rules about the showtime or event itself. */
export const RESOURCE_RULES: readonly Rule<AskedSale>[] = [
  rule({
    code: 'not_on_sale',
    when: 'the showtime is not active, or the event not published',
    fails: ({ resource: { status } }) => status !== 'active' && status !== 'published',
    detail: (_, { resource }) => `This ${resource.kind} is not on sale.`,
  }),
  saleRule('over', {
    code: 'in_the_past',
    when: 'the showtime or event was over when the request was accepted',
    detail: 'is over',
  }),
  saleRule('early', {
    code: 'sale_not_started',
    when: 'it was accepted before the sale of the showtime or event started',
    detail: 'is not on sale yet',
  }),
  saleRule('ended', {
    code: 'sale_ended',
    when: 'it was accepted at or after the end of the sale of the showtime or event',
    detail: 'is no longer on sale',
  }),
  rule({
    code: 'block_unknown',
    when: 'it names a block of kept places that does not exist here or was given back',
    fails: ({ resource, request }) => request.blockId !== null && !resource.blocks.has(request.blockId),
    detail: 'There is no such block of kept places here.',
  }),
]

/** Returns a rule that fails for this state of the sale. */
function saleRule(state: SaleState, { detail, ...name }: RuleName & { readonly detail: string }): Rule<AskedSale> {
  return rule({
    ...name,
    fails: ({ resource, request }: AskedSale) => saleState(resource, request.acceptedAt, request.seller) === state,
    detail: (_, { resource }) => `This ${resource.kind} ${detail}.`,
  })
}
