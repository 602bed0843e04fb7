-- outside a transaction
CREATE TABLE IF NOT EXISTS "clean_up_positions" (
	"name" text PRIMARY KEY NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "mails_settled";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "mails_settled" ON "mails" USING btree ("created_at") WHERE "mails"."next_attempt_at" is null;--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "provider_inbox_age";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "provider_inbox_age" ON "provider_inbox" USING btree ("received_at");--> statement-breakpoint

-- Months of audit and outbox are made with the rights of the tables' owner, so that the processes need none to make tables.
ALTER FUNCTION ensure_month_partitions(integer) SECURITY DEFINER SET search_path FROM CURRENT;
