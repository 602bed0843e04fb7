ALTER TABLE "bookings" ADD COLUMN "metadata" jsonb;
--> statement-breakpoint
-- Nobody searches by value, so autovacuum need not compare the documents (see 0008).
ALTER TABLE bookings ALTER COLUMN metadata SET STATISTICS 0;
