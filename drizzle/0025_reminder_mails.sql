-- outside a transaction
-- By hand: mails may be many, and are being written. It takes the place of mails_patient, by which the version before reads.
DROP INDEX CONCURRENTLY IF EXISTS "mails_unhurried";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "mails_unhurried" ON "mails" USING btree ("line_id","next_attempt_at") WHERE "mails"."next_attempt_at" is not null and "mails"."kind" in ('cancellation', 'refund', 'move', 'reminder');
