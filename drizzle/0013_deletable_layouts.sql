CREATE INDEX "showtime_prices_category" ON "showtime_prices" USING btree ("category_id");--> statement-breakpoint
CREATE INDEX "showtimes_layout" ON "showtimes" USING btree ("layout_id");--> statement-breakpoint
-- By hand: a layout still never changes, but one that no showtime uses may go, as a whole.
DROP TRIGGER layouts_are_immutable ON layouts;--> statement-breakpoint
DROP TRIGGER seats_are_immutable ON seats;--> statement-breakpoint
DROP TRIGGER seat_categories_are_immutable ON seat_categories;--> statement-breakpoint
CREATE TRIGGER layouts_are_immutable BEFORE UPDATE ON layouts
  FOR EACH ROW EXECUTE FUNCTION refuse_change('a changed layout is a new version');--> statement-breakpoint
CREATE TRIGGER seats_are_immutable BEFORE UPDATE ON seats
  FOR EACH ROW EXECUTE FUNCTION refuse_change('a changed layout is a new version');--> statement-breakpoint
CREATE TRIGGER seat_categories_are_immutable BEFORE UPDATE ON seat_categories
  FOR EACH ROW EXECUTE FUNCTION refuse_change('a changed layout is a new version');--> statement-breakpoint
-- Once a statement, for a layout has up to 200,000 seats. The lock excludes a showtime that is being made on it: its foreign
-- key holds the layout FOR KEY SHARE. The next statement sees what was committed meanwhile. The foreign key of showtimes
-- guards the layout's own row.
CREATE FUNCTION refuse_deletion_from_layout() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  touched uuid[] := ARRAY(SELECT DISTINCT layout_id FROM gone);
  left_over boolean;
BEGIN
  PERFORM FROM layouts WHERE id = ANY (touched) ORDER BY id FOR UPDATE;
  IF EXISTS (SELECT FROM showtimes WHERE layout_id = ANY (touched)) THEN
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
CREATE TRIGGER seats_go_with_an_unused_layout AFTER DELETE ON seats REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion_from_layout();--> statement-breakpoint
CREATE TRIGGER seat_categories_go_with_an_unused_layout AFTER DELETE ON seat_categories REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion_from_layout();
