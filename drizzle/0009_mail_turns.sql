-- outside a transaction
-- By hand: mails may be many, and resource_state is what every decision locks, so no lock is kept while an index is made.
SET lock_timeout = '2500ms';--> statement-breakpoint
ALTER TABLE "mails" ADD COLUMN IF NOT EXISTS "line_id" uuid DEFAULT 'ffffffff-ffff-ffff-ffff-ffffffffffff' NOT NULL,
	ADD COLUMN IF NOT EXISTS "recipient" "bytea",
	ADD COLUMN IF NOT EXISTS "begun_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "resource_state" ADD COLUMN IF NOT EXISTS "changed_at" timestamp with time zone;--> statement-breakpoint
RESET lock_timeout;--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "mails_urgent";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "mails_urgent" ON "mails" USING btree ("line_id","next_attempt_at") WHERE "mails"."next_attempt_at" is not null and "mails"."kind" in ('confirmation', 'recovery');--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "mails_patient";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "mails_patient" ON "mails" USING btree ("line_id","next_attempt_at") WHERE "mails"."next_attempt_at" is not null and "mails"."kind" in ('cancellation', 'refund', 'move');--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "mails_line_begun";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "mails_line_begun" ON "mails" USING btree ("line_id","begun_at") WHERE "mails"."begun_at" is not null;--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "mails_recipient_begun";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "mails_recipient_begun" ON "mails" USING btree ("recipient","begun_at") WHERE "mails"."begun_at" is not null and "mails"."kind" <> 'recovery';--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "mails_recipient_waiting";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "mails_recipient_waiting" ON "mails" USING btree ("recipient","next_attempt_at") WHERE "mails"."next_attempt_at" is not null;--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "mails_recipient_recoveries";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "mails_recipient_recoveries" ON "mails" USING btree ("recipient","created_at") WHERE "mails"."kind" = 'recovery';--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "webhook_endpoints_refusals";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "webhook_endpoints_refusals" ON "webhook_endpoints" USING btree ("organizer_id") WHERE "webhook_endpoints"."status" = 'active' and "webhook_endpoints"."deleted_at" is null and "webhook_endpoints"."event_types" && array['booking_request.refused', 'booking_request.*'];--> statement-breakpoint
-- Last: workers of the version before look for mail by it.
DROP INDEX CONCURRENTLY IF EXISTS "mails_due";
