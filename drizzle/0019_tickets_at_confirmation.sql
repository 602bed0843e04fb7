-- Tickets are made when a booking is confirmed, and no longer with it. For the version before, until it is stopped everywhere:
-- what it confirms has its tickets by the commit. The next version drops both.
CREATE FUNCTION issue_missing_tickets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tickets (id, booking_id, resource_id, ordinal, seat_label, ticket_type_id)
  SELECT gen_random_uuid(), NEW.id, NEW.resource_id, row_number() OVER (ORDER BY i.position) - 1, i.seat_label, i.ticket_type_id
  FROM booking_items i CROSS JOIN LATERAL generate_series(1, i.quantity)
  WHERE i.booking_id = NEW.id AND NOT EXISTS (SELECT FROM tickets WHERE booking_id = NEW.id);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER bookings_of_the_version_before AFTER UPDATE OF status ON bookings
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.status <> 'confirmed' AND NEW.status = 'confirmed') EXECUTE FUNCTION issue_missing_tickets();
