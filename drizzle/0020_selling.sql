-- Tables that bookings fill are not read while they are locked: their constraints are validated, and their indexes made, by the
-- next migration.
CREATE TABLE "area_state" (
	"resource_id" uuid NOT NULL,
	"label" text NOT NULL,
	"capacity" integer NOT NULL,
	"sold" integer DEFAULT 0 NOT NULL,
	"kept" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "area_state_resource_id_label_pk" PRIMARY KEY("resource_id","label"),
	CONSTRAINT "area_state_not_oversold" CHECK ("area_state"."sold" >= 0 and "area_state"."kept" >= 0 and "area_state"."sold" + "area_state"."kept" <= "area_state"."capacity")
);--> statement-breakpoint
CREATE TABLE "block_areas" (
	"block_id" uuid NOT NULL,
	"label" text NOT NULL,
	"quantity" integer NOT NULL,
	CONSTRAINT "block_areas_block_id_label_pk" PRIMARY KEY("block_id","label"),
	CONSTRAINT "block_areas_quantity" CHECK ("block_areas"."quantity" >= 0)
);--> statement-breakpoint
CREATE TABLE "blocks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"resource_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"actor" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"released_at" timestamp with time zone
);--> statement-breakpoint
CREATE TABLE "layout_areas" (
	"layout_id" uuid NOT NULL,
	"label" text NOT NULL,
	"position" integer NOT NULL,
	"category_id" uuid NOT NULL,
	"capacity" integer NOT NULL,
	"shape" jsonb,
	CONSTRAINT "layout_areas_layout_id_label_pk" PRIMARY KEY("layout_id","label"),
	CONSTRAINT "layout_areas_capacity" CHECK ("layout_areas"."capacity" > 0)
);--> statement-breakpoint
ALTER TABLE "booking_items" DROP CONSTRAINT "booking_items_kind";--> statement-breakpoint
ALTER TABLE "tickets" DROP CONSTRAINT "tickets_kind";--> statement-breakpoint
ALTER TABLE "showtime_prices" DROP CONSTRAINT "showtime_prices_showtime_id_showtimes_id_fk";--> statement-breakpoint
ALTER TABLE "seat_allocations" ALTER COLUMN "booking_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "seats" ALTER COLUMN "number" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "booking_items" ADD COLUMN "area_label" text;--> statement-breakpoint
ALTER TABLE "booking_items" ADD COLUMN "rate" text;--> statement-breakpoint
ALTER TABLE "booking_requests" ADD COLUMN "wish" smallint;--> statement-breakpoint
ALTER TABLE "bookings" ADD COLUMN "promo_tickets" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "bookings" ADD COLUMN "remind_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "auditorium_id" uuid;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "layout_id" uuid;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "max_seats_per_booking" integer DEFAULT 10 NOT NULL;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "quotas" jsonb DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE "layouts" ADD COLUMN "focus_x" real;--> statement-breakpoint
ALTER TABLE "layouts" ADD COLUMN "focus_y" real;--> statement-breakpoint
ALTER TABLE "promo_code_state" ADD COLUMN "max_tickets" integer;--> statement-breakpoint
ALTER TABLE "promo_code_state" ADD COLUMN "tickets" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "promo_codes" ADD COLUMN "max_tickets_per_booking" integer;--> statement-breakpoint
ALTER TABLE "promo_codes" ADD COLUMN "ticket_type_ids" uuid[];--> statement-breakpoint
ALTER TABLE "promo_codes" ADD COLUMN "categories" text[];--> statement-breakpoint
ALTER TABLE "promo_codes" ADD COLUMN "rates" text[];--> statement-breakpoint
ALTER TABLE "promo_codes" ADD COLUMN "opens_ticket_type_ids" uuid[];--> statement-breakpoint
ALTER TABLE "resources" ADD COLUMN "sales_start_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "resources" ADD COLUMN "sales_end_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "resources" ADD COLUMN "single_seats" text DEFAULT 'allow' NOT NULL;--> statement-breakpoint
ALTER TABLE "resources" ADD COLUMN "rates" jsonb DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE "seat_allocations" ADD COLUMN "block_id" uuid;--> statement-breakpoint
ALTER TABLE "seats" ADD COLUMN "section" text;--> statement-breakpoint
ALTER TABLE "seats" ADD COLUMN "seat_name" text;--> statement-breakpoint
ALTER TABLE "showtime_prices" ADD COLUMN "rates" jsonb DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "ticket_types" ADD COLUMN "hidden" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "area_label" text;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "rate" text;--> statement-breakpoint
ALTER TABLE "block_areas" ADD CONSTRAINT "block_areas_block_id_blocks_id_fk" FOREIGN KEY ("block_id") REFERENCES "public"."blocks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blocks" ADD CONSTRAINT "blocks_resource_id_resources_id_fk" FOREIGN KEY ("resource_id") REFERENCES "public"."resources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "layout_areas" ADD CONSTRAINT "layout_areas_layout_id_layouts_id_fk" FOREIGN KEY ("layout_id") REFERENCES "public"."layouts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "layout_areas" ADD CONSTRAINT "layout_areas_category" FOREIGN KEY ("layout_id","category_id") REFERENCES "public"."seat_categories"("layout_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "blocks_resource" ON "blocks" USING btree ("resource_id","id");--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_auditorium_id_auditoriums_id_fk" FOREIGN KEY ("auditorium_id") REFERENCES "public"."auditoriums"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_layout_id_layouts_id_fk" FOREIGN KEY ("layout_id") REFERENCES "public"."layouts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "showtime_prices" ADD CONSTRAINT "showtime_prices_showtime_id_resources_id_fk" FOREIGN KEY ("showtime_id") REFERENCES "public"."resources"("id") ON DELETE no action ON UPDATE no action NOT VALID;--> statement-breakpoint
CREATE INDEX "events_layout" ON "events" USING btree ("layout_id");--> statement-breakpoint
ALTER TABLE "booking_items" ADD CONSTRAINT "booking_items_kind" CHECK (num_nonnulls("booking_items"."seat_label", "booking_items"."area_label", "booking_items"."ticket_type_id") = 1 and "booking_items"."quantity" > 0 and ("booking_items"."seat_label" is null or "booking_items"."quantity" = 1)) NOT VALID;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_house" CHECK (("events"."auditorium_id" is null) = ("events"."layout_id" is null));--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_max_seats" CHECK ("events"."max_seats_per_booking" between 1 and 100);--> statement-breakpoint
ALTER TABLE "promo_code_state" ADD CONSTRAINT "promo_code_state_tickets" CHECK ("promo_code_state"."tickets" >= 0 and "promo_code_state"."tickets" <= "promo_code_state"."max_tickets");--> statement-breakpoint
ALTER TABLE "promo_codes" ADD CONSTRAINT "promo_codes_tickets_per_booking" CHECK ("promo_codes"."max_tickets_per_booking" >= 1);--> statement-breakpoint
ALTER TABLE "resources" ADD CONSTRAINT "resources_sale_window" CHECK ("resources"."sales_end_at" > "resources"."sales_start_at");--> statement-breakpoint
ALTER TABLE "resources" ADD CONSTRAINT "resources_single_seats" CHECK ("resources"."single_seats" in ('allow', 'refuse'));--> statement-breakpoint
ALTER TABLE "seat_allocations" ADD CONSTRAINT "seat_allocations_holder" CHECK (num_nonnulls("seat_allocations"."booking_id", "seat_allocations"."block_id") = 1) NOT VALID;--> statement-breakpoint
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_kind" CHECK (num_nonnulls("tickets"."seat_label", "tickets"."area_label", "tickets"."ticket_type_id") = 1) NOT VALID;
