import { run, type Transaction } from '../../db/transaction.ts'
import type { readTerms } from '../create-promo-code.ts'

const INSERT = {
  name: 'insert-promo-codes',
  text: `
    with made as (
      insert into promo_codes (id, organizer_id, code, kind, value, currency, active, starts_at, ends_at, max_per_customer,
        max_tickets_per_booking, ticket_type_ids, categories, rates, opens_ticket_type_ids)
      select w.id, $3, w.code, t.kind, t.value, t.currency, t.active, t."startsAt", t."endsAt", t."maxPerCustomer",
        t."maxTicketsPerBooking", t."ticketTypeIds", t.categories, t.rates, t."opensTicketTypeIds"
      from unnest($1::uuid[], $2::text[]) as w(id, code)
      cross join json_to_record($4::json) as t(kind text, value bigint, currency text, active boolean,
        "startsAt" timestamptz, "endsAt" timestamptz, "maxPerCustomer" int, "maxTicketsPerBooking" int,
        "ticketTypeIds" uuid[], categories text[], rates text[], "opensTicketTypeIds" uuid[])
      on conflict (organizer_id, code) do nothing
      returning id
    ), state as (
      insert into promo_code_state (promo_code_id, max_redemptions, max_tickets)
      select made.id, t."maxRedemptions", t."maxTickets"
      from made cross join json_to_record($4::json) as t("maxRedemptions" int, "maxTickets" int)
    ), bound as (
      insert into promo_code_resources (promo_code_id, resource_id)
      select made.id, r.id from made cross join unnest($5::uuid[]) as r(id)
    )
    select id from made`,
}

export type PromoCodeTerms = Awaited<ReturnType<typeof readTerms>>

/** Inserts codes with their counters. Returns the ids of those that are new: the organizer has the others already. */
export async function insertPromoCodes(
  tx: Transaction,
  organizerId: string,
  codes: readonly { readonly id: string; readonly code: string }[],
  { resourceIds, ...terms }: PromoCodeTerms,
): Promise<ReadonlySet<string>> {
  const made = await run<{ id: string }>(tx.client, INSERT, [
    codes.map(({ id }) => id),
    codes.map(({ code }) => code),
    organizerId,
    JSON.stringify(terms),
    resourceIds ?? [],
  ])
  return new Set(made.map(({ id }) => id))
}
