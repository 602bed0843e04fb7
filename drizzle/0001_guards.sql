-- What drizzle-kit cannot express: triggers, storage parameters and monthly partitions.

-- Rows that every batch updates get room on their page, so that updates stay heap-only.
ALTER TABLE booking_requests SET (fillfactor = 60);
--> statement-breakpoint
ALTER TABLE lanes SET (fillfactor = 10);
--> statement-breakpoint
ALTER TABLE lane_intake SET (fillfactor = 10);
--> statement-breakpoint
ALTER TABLE resource_state SET (fillfactor = 50);
--> statement-breakpoint
ALTER TABLE ticket_type_state SET (fillfactor = 50);
--> statement-breakpoint
ALTER TABLE promo_code_state SET (fillfactor = 50);
--> statement-breakpoint
ALTER TABLE ticket_type_customers SET (fillfactor = 80);
--> statement-breakpoint
ALTER TABLE promo_code_customers SET (fillfactor = 80);
--> statement-breakpoint

-- I3: an outcome never changes, and an undecided request is never lost.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER booking_requests_outcome_is_final BEFORE UPDATE ON booking_requests
  FOR EACH ROW
  WHEN (OLD.state <> 'queued' AND (OLD.state, OLD.lane, OLD.seq, OLD.resource_id, OLD.booking_id, OLD.decided_at, OLD.refusal)
    IS DISTINCT FROM (NEW.state, NEW.lane, NEW.seq, NEW.resource_id, NEW.booking_id, NEW.decided_at, NEW.refusal))
  EXECUTE FUNCTION refuse_change('an outcome never changes');
--> statement-breakpoint
CREATE TRIGGER booking_requests_place_is_kept BEFORE UPDATE ON booking_requests
  FOR EACH ROW
  WHEN (OLD.state = 'queued' AND (OLD.lane, OLD.seq, OLD.resource_id, OLD.owner, OLD.accepted_at)
    IS DISTINCT FROM (NEW.lane, NEW.seq, NEW.resource_id, NEW.owner, NEW.accepted_at))
  EXECUTE FUNCTION refuse_change('a request keeps its place in line');
--> statement-breakpoint
CREATE TRIGGER booking_requests_undecided_is_kept BEFORE DELETE ON booking_requests
  FOR EACH ROW WHEN (OLD.state = 'queued')
  EXECUTE FUNCTION refuse_change('an accepted request must be decided first');
--> statement-breakpoint
CREATE TRIGGER lanes_watermark_is_monotone BEFORE UPDATE ON lanes
  FOR EACH ROW WHEN (NEW.watermark < OLD.watermark)
  EXECUTE FUNCTION refuse_change('a watermark never falls');
--> statement-breakpoint
CREATE TRIGGER lane_intake_is_monotone BEFORE UPDATE ON lane_intake
  FOR EACH ROW WHEN (NEW.next < OLD.next)
  EXECUTE FUNCTION refuse_change('a seq is never given twice');
--> statement-breakpoint

-- Layouts are immutable per version.
CREATE TRIGGER layouts_are_immutable BEFORE UPDATE OR DELETE ON layouts
  FOR EACH ROW EXECUTE FUNCTION refuse_change('a changed layout is a new version');
--> statement-breakpoint
CREATE TRIGGER seats_are_immutable BEFORE UPDATE OR DELETE ON seats
  FOR EACH ROW EXECUTE FUNCTION refuse_change('a changed layout is a new version');
--> statement-breakpoint
CREATE TRIGGER seat_categories_are_immutable BEFORE UPDATE OR DELETE ON seat_categories
  FOR EACH ROW EXECUTE FUNCTION refuse_change('a changed layout is a new version');
--> statement-breakpoint

-- Audit is append-only. Old months are dropped as whole partitions by the owner of the tables.
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit
  FOR EACH ROW EXECUTE FUNCTION refuse_change('audit is append-only');
--> statement-breakpoint
CREATE TRIGGER audit_is_not_truncated BEFORE TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('audit is append-only');
--> statement-breakpoint

-- Creates the monthly partitions of `audit` and `outbox` from the current month on. Idempotent and safe to run at once.
CREATE FUNCTION ensure_month_partitions(months_ahead integer) RETURNS void LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
  parent text;
  month timestamptz;
  partition text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('ensure_month_partitions'));
  FOREACH parent IN ARRAY ARRAY['audit', 'outbox'] LOOP
    FOR ahead IN 0..months_ahead LOOP
      month := date_trunc('month', now()) + make_interval(months => ahead);
      partition := parent || '_' || to_char(month, 'YYYY_MM');
      IF to_regclass(partition) IS NULL THEN
        BEGIN
          EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
            partition, parent, month, month + interval '1 month');
        EXCEPTION WHEN check_violation THEN
          -- The default partition holds rows of this month already, and keeps taking them.
          RAISE WARNING 'rows of % stay in the default partition of %', to_char(month, 'YYYY-MM'), parent;
          CONTINUE;
        END;
        IF parent = 'audit' THEN
          EXECUTE format('CREATE TRIGGER audit_is_not_truncated BEFORE TRUNCATE ON %I
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change(''audit is append-only'')', partition);
        END IF;
      END IF;
    END LOOP;
  END LOOP;
END
$$;
--> statement-breakpoint
-- Where rows go when maintenance has not run for months: never fail a booking for want of a partition.
CREATE TABLE audit_default PARTITION OF audit DEFAULT;
--> statement-breakpoint
CREATE TRIGGER audit_is_not_truncated BEFORE TRUNCATE ON audit_default
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('audit is append-only');
--> statement-breakpoint
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;
--> statement-breakpoint
SELECT ensure_month_partitions(3);
