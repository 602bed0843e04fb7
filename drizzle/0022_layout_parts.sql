-- Written by hand. Rows of two sections may have the same label.
CREATE OR REPLACE FUNCTION measure_layout(layout uuid) RETURNS TABLE (rows integer, seats integer, categories jsonb)
LANGUAGE sql STABLE AS $$
  SELECT (SELECT count(*)::int FROM (SELECT DISTINCT section, row_label FROM seats WHERE layout_id = layout) r),
    coalesce(sum(c.seats), 0)::int,
    coalesce(jsonb_object_agg(c.category_id, jsonb_build_object('seats', c.seats, 'disabled', c.disabled)), '{}')
  FROM (SELECT s.category_id, count(*) AS seats, count(*) FILTER (WHERE s.disabled) AS disabled
    FROM seats s WHERE s.layout_id = layout GROUP BY 1) c
$$;--> statement-breakpoint
-- Events use layouts too.
CREATE OR REPLACE FUNCTION refuse_deletion_from_layout() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  touched uuid[] := ARRAY(SELECT DISTINCT layout_id FROM gone);
  left_over boolean;
BEGIN
  PERFORM FROM layouts WHERE id = ANY (touched) ORDER BY id FOR UPDATE;
  IF EXISTS (SELECT FROM showtimes WHERE layout_id = ANY (touched)) OR EXISTS (SELECT FROM events WHERE layout_id = ANY (touched))
  THEN
    RAISE EXCEPTION '% on % is refused: a changed layout is a new version, and showtimes use this one', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE layout_id = ANY ($1))', TG_TABLE_NAME) INTO left_over USING touched;
  IF left_over THEN
    RAISE EXCEPTION '% on % is refused: a changed layout is a new version, and goes as a whole', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE TRIGGER layout_areas_are_immutable BEFORE UPDATE ON layout_areas
  FOR EACH ROW EXECUTE FUNCTION refuse_change('a changed layout is a new version');--> statement-breakpoint
CREATE TRIGGER layout_areas_go_with_an_unused_layout AFTER DELETE ON layout_areas REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion_from_layout();
