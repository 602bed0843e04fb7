-- By hand: names only, so that no row is read or written. drizzle-kit would have dropped the constraints and added them anew.
ALTER TABLE "booking_lines" RENAME TO "booking_items";--> statement-breakpoint
ALTER TABLE "booking_items" RENAME COLUMN "line" TO "position";--> statement-breakpoint
ALTER TABLE "booking_items" RENAME CONSTRAINT "booking_lines_kind" TO "booking_items_kind";--> statement-breakpoint
ALTER TABLE "booking_items" RENAME CONSTRAINT "booking_lines_money" TO "booking_items_money";--> statement-breakpoint
ALTER TABLE "booking_items" RENAME CONSTRAINT "booking_lines_booking_id_line_pk" TO "booking_items_booking_id_position_pk";--> statement-breakpoint
-- The version before reads and writes by the old name, which PostgreSQL passes on to the table. To be dropped one version later.
CREATE VIEW booking_lines AS
  SELECT booking_id, position AS line, seat_label, category_id, ticket_type_id, quantity, unit_price, discount
  FROM booking_items;
