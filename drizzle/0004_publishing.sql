-- What was there before is not published anew: it only gets its place in the feed.
UPDATE outbox o SET position = n.position
FROM (SELECT id, at, row_number() OVER (ORDER BY at, entity_seq) AS position FROM outbox) n
WHERE o.id = n.id AND o.at = n.at;--> statement-breakpoint
INSERT INTO event_feed (id, position) SELECT 1, coalesce(max(position), 0) FROM outbox;--> statement-breakpoint
DROP INDEX "outbox_undelivered";--> statement-breakpoint
ALTER TABLE "outbox" DROP COLUMN "delivered_at";--> statement-breakpoint
ALTER TABLE "outbox" DROP COLUMN "attempts";--> statement-breakpoint
ALTER TABLE "outbox" DROP COLUMN "retry_at";