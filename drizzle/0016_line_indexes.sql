-- outside a transaction
-- By hand: requests may be many, and are being accepted and decided, so no lock is kept while an index is made.
-- The next migration gives each showtime and each event a line of its own, in which `seq` is unique. A resource that was
-- moved to another lane by hand may have a number twice: what was decided in its former lane goes below zero, in order.
-- All of it is decided, or the resource could not have been moved. It is looked for before anything is locked.
DO $$
BEGIN
  CREATE TEMPORARY TABLE former_places ON COMMIT DROP AS
    SELECT q.id, row_number() OVER (ORDER BY q.accepted_at, q.lane, q.seq) - 1 - count(*) OVER () AS place
    FROM booking_requests q JOIN resources r ON r.id = q.resource_id WHERE q.lane <> r.lane AND q.seq > 0;
  IF EXISTS (SELECT FROM former_places) THEN
    SET LOCAL lock_timeout = '2500ms';
    ALTER TABLE booking_requests DISABLE TRIGGER booking_requests_outcome_is_final;
    UPDATE booking_requests q SET seq = f.place FROM former_places f WHERE q.id = f.id;
    ALTER TABLE booking_requests ENABLE TRIGGER booking_requests_outcome_is_final;
  END IF;
END
$$;--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "booking_requests_resource_seq_line";--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY "booking_requests_resource_seq_line" ON "booking_requests" USING btree ("resource_id","seq");--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "booking_requests_accepted";--> statement-breakpoint
CREATE INDEX CONCURRENTLY "booking_requests_accepted" ON "booking_requests" USING btree ("accepted_at");
