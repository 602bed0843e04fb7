-- outside a transaction
-- By hand: bookings, items and tickets may be many, and are being written.
ALTER TABLE "showtime_prices" VALIDATE CONSTRAINT "showtime_prices_showtime_id_resources_id_fk";--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "bookings_reminder";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "bookings_reminder" ON "bookings" USING btree ("remind_at") WHERE "bookings"."remind_at" is not null;--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "seat_allocations_block";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "seat_allocations_block" ON "seat_allocations" USING btree ("block_id") WHERE "seat_allocations"."block_id" is not null;--> statement-breakpoint
ALTER TABLE "booking_items" VALIDATE CONSTRAINT "booking_items_kind";--> statement-breakpoint
ALTER TABLE "seat_allocations" VALIDATE CONSTRAINT "seat_allocations_holder";--> statement-breakpoint
ALTER TABLE "tickets" VALIDATE CONSTRAINT "tickets_kind";
--> statement-breakpoint
-- What the version before confirms may have been made by this one.
CREATE OR REPLACE FUNCTION issue_missing_tickets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tickets (id, booking_id, resource_id, ordinal, seat_label, area_label, ticket_type_id, rate)
  SELECT gen_random_uuid(), NEW.id, NEW.resource_id, row_number() OVER (ORDER BY i.position) - 1, i.seat_label, i.area_label,
    i.ticket_type_id, i.rate
  FROM booking_items i CROSS JOIN LATERAL generate_series(1, i.quantity)
  WHERE i.booking_id = NEW.id AND NOT EXISTS (SELECT FROM tickets WHERE booking_id = NEW.id);
  RETURN NULL;
END
$$;
