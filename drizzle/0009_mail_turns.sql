DROP INDEX "mails_due";--> statement-breakpoint
ALTER TABLE "mails" ADD COLUMN "line_id" uuid DEFAULT 'ffffffff-ffff-ffff-ffff-ffffffffffff' NOT NULL;--> statement-breakpoint
ALTER TABLE "mails" ADD COLUMN "recipient" "bytea";--> statement-breakpoint
ALTER TABLE "mails" ADD COLUMN "begun_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "resource_state" ADD COLUMN "changed_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "mails_urgent" ON "mails" USING btree ("line_id","next_attempt_at") WHERE "mails"."next_attempt_at" is not null and "mails"."kind" in ('confirmation', 'recovery');--> statement-breakpoint
CREATE INDEX "mails_patient" ON "mails" USING btree ("line_id","next_attempt_at") WHERE "mails"."next_attempt_at" is not null and "mails"."kind" in ('cancellation', 'refund', 'move');--> statement-breakpoint
CREATE INDEX "mails_line_begun" ON "mails" USING btree ("line_id","begun_at") WHERE "mails"."begun_at" is not null;--> statement-breakpoint
CREATE INDEX "mails_recipient_begun" ON "mails" USING btree ("recipient","begun_at") WHERE "mails"."begun_at" is not null and "mails"."kind" <> 'recovery';--> statement-breakpoint
CREATE INDEX "mails_recipient_waiting" ON "mails" USING btree ("recipient","next_attempt_at") WHERE "mails"."next_attempt_at" is not null;--> statement-breakpoint
CREATE INDEX "mails_recipient_recoveries" ON "mails" USING btree ("recipient","created_at") WHERE "mails"."kind" = 'recovery';--> statement-breakpoint
CREATE INDEX "webhook_endpoints_refusals" ON "webhook_endpoints" USING btree ("organizer_id") WHERE "webhook_endpoints"."status" = 'active' and "webhook_endpoints"."deleted_at" is null and "webhook_endpoints"."event_types" && array['booking_request.refused', 'booking_request.*'];