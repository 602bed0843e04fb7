-- By hand: a line of its own for each showtime and each event, while the version before may be at work.
--
-- Whoever decides or accepts holds a lane or its intake row until its commit: with both tables locked, no request is on its
-- way, and none is being decided.
LOCK TABLE lanes, lane_intake, resource_state, booking_requests IN ACCESS EXCLUSIVE MODE;
--> statement-breakpoint
CREATE TABLE "lines" (
	"resource_id" uuid PRIMARY KEY NOT NULL,
	"next" bigint DEFAULT 1 NOT NULL,
	"draining" boolean DEFAULT false NOT NULL
) WITH (fillfactor = 50);
--> statement-breakpoint
ALTER TABLE "resource_state" ADD COLUMN "watermark" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "resource_state" ADD COLUMN "paused" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "resource_state" ADD COLUMN "decided_per_second" real DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "resource_state" ADD COLUMN "decided_at" timestamp with time zone DEFAULT to_timestamp(0) NOT NULL;--> statement-breakpoint
ALTER TABLE "booking_requests" ADD CONSTRAINT "booking_requests_resource_seq" UNIQUE USING INDEX "booking_requests_resource_seq_line";--> statement-breakpoint
ALTER TABLE "booking_requests" DROP CONSTRAINT "booking_requests_lane_seq";--> statement-breakpoint

-- Requests keep their numbers, so that order stays what it was; between them are the gaps where others of the lane were.
-- Both ends are found in the index: what is above the lane's watermark is undecided, but for what an operator has refused.
INSERT INTO lines (resource_id, next, draining)
SELECT r.id, coalesce(last.seq, 0) + 1, coalesce(i.draining, false)
FROM resources r
LEFT JOIN lane_intake i ON i.lane = r.lane
LEFT JOIN LATERAL (
  SELECT seq FROM booking_requests WHERE resource_id = r.id AND seq > 0 ORDER BY seq DESC LIMIT 1
) last ON true;
--> statement-breakpoint
INSERT INTO resource_state (resource_id) SELECT id FROM resources ON CONFLICT DO NOTHING;
--> statement-breakpoint
UPDATE resource_state s
SET watermark = least(i.next - 1, coalesce(l.watermark, 0)), paused = coalesce(l.paused, false),
  decided_at = coalesce(l.decided_at, s.decided_at)
FROM lines i JOIN resources r ON r.id = i.resource_id LEFT JOIN lanes l ON l.id = r.lane
WHERE s.resource_id = i.resource_id AND (i.next > 1 OR l.paused);
--> statement-breakpoint

DROP TRIGGER booking_requests_outcome_is_final ON booking_requests;
--> statement-breakpoint
CREATE TRIGGER booking_requests_outcome_is_final BEFORE UPDATE ON booking_requests
  FOR EACH ROW
  WHEN (OLD.state <> 'queued' AND (OLD.state, OLD.seq, OLD.resource_id, OLD.booking_id, OLD.decided_at, OLD.refusal)
    IS DISTINCT FROM (NEW.state, NEW.seq, NEW.resource_id, NEW.booking_id, NEW.decided_at, NEW.refusal))
  EXECUTE FUNCTION refuse_change('an outcome never changes');
--> statement-breakpoint
DROP TRIGGER booking_requests_place_is_kept ON booking_requests;
--> statement-breakpoint
CREATE TRIGGER booking_requests_place_is_kept BEFORE UPDATE ON booking_requests
  FOR EACH ROW
  WHEN (OLD.state = 'queued' AND (OLD.seq, OLD.resource_id, OLD.owner, OLD.accepted_at)
    IS DISTINCT FROM (NEW.seq, NEW.resource_id, NEW.owner, NEW.accepted_at))
  EXECUTE FUNCTION refuse_change('a request keeps its place in line');
--> statement-breakpoint
CREATE TRIGGER resource_state_watermark_is_monotone BEFORE UPDATE ON resource_state
  FOR EACH ROW WHEN (NEW.watermark < OLD.watermark)
  EXECUTE FUNCTION refuse_change('a watermark never falls');
--> statement-breakpoint
CREATE TRIGGER lines_are_monotone BEFORE UPDATE ON lines
  FOR EACH ROW WHEN (NEW.next < OLD.next)
  EXECUTE FUNCTION refuse_change('a seq is never given twice');
--> statement-breakpoint
CREATE FUNCTION make_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO lines (resource_id) VALUES (NEW.id);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER resources_have_a_line AFTER INSERT ON resources FOR EACH ROW EXECUTE FUNCTION make_line();
--> statement-breakpoint

-- From here on for the version before, until it is stopped everywhere; the next version drops all of it. Its API goes on
-- accepting: a trigger gives its requests their place in the resource's line. Its workers decide nothing more, for their
-- lanes are paused for ever, and its API reads the outcomes of all that it waits for, because no request of its own is
-- above a lane's watermark. Requests of this version are in lane 9999, and its resources in lane 0, so that the version before finds them.
ALTER TABLE lanes ALTER COLUMN paused SET DEFAULT true, ALTER COLUMN watermark SET DEFAULT 9007199254740991;
--> statement-breakpoint
UPDATE lanes SET paused = true, watermark = 9007199254740991;
--> statement-breakpoint
INSERT INTO lanes (id) VALUES (9999) ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO lane_intake (lane) VALUES (9999) ON CONFLICT DO NOTHING;
--> statement-breakpoint
ALTER TABLE resources ALTER COLUMN lane SET DEFAULT 0;
--> statement-breakpoint
ALTER TABLE booking_requests ALTER COLUMN lane SET DEFAULT 9999;
--> statement-breakpoint
CREATE FUNCTION take_place_in_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE lines SET next = next + 1 WHERE resource_id = NEW.resource_id RETURNING next - 1 INTO STRICT NEW.seq;
  NEW.lane := 9999;
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER booking_requests_of_the_version_before BEFORE INSERT ON booking_requests
  FOR EACH ROW WHEN (NEW.lane <> 9999) EXECUTE FUNCTION take_place_in_line();
