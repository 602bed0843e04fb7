CREATE TABLE "layout_sizes" (
	"layout_id" uuid PRIMARY KEY NOT NULL,
	"rows" integer NOT NULL,
	"seats" integer NOT NULL,
	"categories" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "layout_sizes" ADD CONSTRAINT "layout_sizes_layout_id_layouts_id_fk" FOREIGN KEY ("layout_id") REFERENCES "public"."layouts"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint

-- Written by hand from here on. Seats are inserted once, as a whole, and never change: what lists show of them is counted then.
CREATE FUNCTION measure_layout(layout uuid) RETURNS TABLE (rows integer, seats integer, categories jsonb)
LANGUAGE sql STABLE AS $$
  SELECT (SELECT count(DISTINCT row_label)::int FROM seats WHERE layout_id = layout), coalesce(sum(c.seats), 0)::int,
    coalesce(jsonb_object_agg(c.category_id, jsonb_build_object('seats', c.seats, 'disabled', c.disabled)), '{}')
  FROM (SELECT s.category_id, count(*) AS seats, count(*) FILTER (WHERE s.disabled) AS disabled
    FROM seats s WHERE s.layout_id = layout GROUP BY 1) c
$$;
--> statement-breakpoint
CREATE FUNCTION measure_layouts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO layout_sizes (layout_id, rows, seats, categories)
  SELECT l.id, m.* FROM (SELECT DISTINCT layout_id AS id FROM added) l CROSS JOIN LATERAL measure_layout(l.id) m
  ON CONFLICT (layout_id) DO UPDATE
    SET rows = excluded.rows, seats = excluded.seats, categories = excluded.categories;
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- Keeps imports waiting until the end of this migration, so that none is missed; nobody else writes seats.
CREATE TRIGGER seats_are_measured AFTER INSERT ON seats REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION measure_layouts();
--> statement-breakpoint
INSERT INTO layout_sizes (layout_id, rows, seats, categories)
SELECT l.id, m.* FROM layouts l CROSS JOIN LATERAL measure_layout(l.id) m;
