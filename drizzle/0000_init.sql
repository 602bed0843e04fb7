CREATE TABLE "audit" (
	"id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"organizer_id" uuid,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"entity" text NOT NULL,
	"entity_id" uuid NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"request_id" text,
	CONSTRAINT "audit_id_at_pk" PRIMARY KEY("id","at")
) PARTITION BY RANGE ("at");
--> statement-breakpoint
CREATE TABLE "auditoriums" (
	"id" uuid PRIMARY KEY NOT NULL,
	"venue_id" uuid NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "booking_lines" (
	"booking_id" uuid NOT NULL,
	"line" integer NOT NULL,
	"seat_label" text,
	"category_id" uuid,
	"ticket_type_id" uuid,
	"quantity" integer NOT NULL,
	"unit_price" bigint NOT NULL,
	"discount" bigint NOT NULL,
	CONSTRAINT "booking_lines_booking_id_line_pk" PRIMARY KEY("booking_id","line"),
	CONSTRAINT "booking_lines_kind" CHECK (("booking_lines"."seat_label" is not null and "booking_lines"."ticket_type_id" is null and "booking_lines"."quantity" = 1) or ("booking_lines"."seat_label" is null and "booking_lines"."ticket_type_id" is not null and "booking_lines"."quantity" > 0)),
	CONSTRAINT "booking_lines_money" CHECK ("booking_lines"."unit_price" >= 0 and "booking_lines"."discount" between 0 and "booking_lines"."unit_price" * "booking_lines"."quantity")
);
--> statement-breakpoint
CREATE TABLE "booking_requests" (
	"id" uuid PRIMARY KEY NOT NULL,
	"lane" integer NOT NULL,
	"seq" bigint NOT NULL,
	"resource_id" uuid NOT NULL,
	"owner" text NOT NULL,
	"idempotency_key" text NOT NULL,
	"body_hash" "bytea" NOT NULL,
	"payload" jsonb NOT NULL,
	"customer_keys" text[] NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"accepted_at" timestamp with time zone NOT NULL,
	"decided_at" timestamp with time zone,
	"booking_id" uuid,
	"refusal" jsonb,
	CONSTRAINT "booking_requests_lane_seq" UNIQUE("lane","seq"),
	CONSTRAINT "booking_requests_owner_key" UNIQUE("owner","idempotency_key"),
	CONSTRAINT "booking_requests_outcome" CHECK (("booking_requests"."state" = 'queued' and "booking_requests"."decided_at" is null and "booking_requests"."booking_id" is null and "booking_requests"."refusal" is null) or ("booking_requests"."state" = 'booked' and "booking_requests"."decided_at" is not null and "booking_requests"."booking_id" is not null and "booking_requests"."refusal" is null) or ("booking_requests"."state" = 'refused' and "booking_requests"."decided_at" is not null and "booking_requests"."booking_id" is null and "booking_requests"."refusal" is not null))
);
--> statement-breakpoint
CREATE TABLE "bookings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"reference" text NOT NULL,
	"request_id" uuid NOT NULL,
	"resource_id" uuid NOT NULL,
	"organizer_id" uuid NOT NULL,
	"owner" text NOT NULL,
	"customer_name" text NOT NULL,
	"customer_email" text NOT NULL,
	"customer_phone" text,
	"customer_keys" text[] NOT NULL,
	"status" text NOT NULL,
	"payment_status" text NOT NULL,
	"currency" text NOT NULL,
	"subtotal" bigint NOT NULL,
	"discount" bigint NOT NULL,
	"fee" bigint NOT NULL,
	"total" bigint NOT NULL,
	"promo_code_id" uuid,
	"expires_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"event_seq" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "bookings_request" UNIQUE("request_id"),
	CONSTRAINT "bookings_reference" UNIQUE("reference"),
	CONSTRAINT "bookings_status" CHECK ("bookings"."status" in ('pending', 'confirmed', 'completed', 'cancelled', 'no_show')),
	CONSTRAINT "bookings_payment_status" CHECK ("bookings"."payment_status" in ('pending', 'processing', 'completed', 'failed', 'partially_refunded', 'refunded')),
	CONSTRAINT "bookings_reference_form" CHECK ("bookings"."reference" ~ '^[A-HJKMNP-Z2-9]{8}$'),
	CONSTRAINT "bookings_currency" CHECK ("bookings"."currency" ~ '^[A-Z]{3}$'),
	CONSTRAINT "bookings_hold" CHECK (("bookings"."status" = 'pending') = ("bookings"."expires_at" is not null)),
	CONSTRAINT "bookings_money" CHECK ("bookings"."subtotal" >= 0 and "bookings"."discount" between 0 and "bookings"."subtotal" and "bookings"."fee" >= 0 and "bookings"."total" = "bookings"."subtotal" - "bookings"."discount" + "bookings"."fee")
);
--> statement-breakpoint
CREATE TABLE "check_ins" (
	"ticket_id" uuid NOT NULL,
	"device" text NOT NULL,
	"nonce" text NOT NULL,
	"gate" text NOT NULL,
	"result" text NOT NULL,
	"scanned_at" timestamp with time zone NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "check_ins_ticket_id_device_nonce_pk" PRIMARY KEY("ticket_id","device","nonce")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"title" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"venue" text NOT NULL,
	"time_zone" text NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"currency" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "events_status" CHECK ("events"."status" in ('draft', 'published', 'cancelled')),
	CONSTRAINT "events_currency" CHECK ("events"."currency" ~ '^[A-Z]{3}$'),
	CONSTRAINT "events_end_after_start" CHECK ("events"."ends_at" > "events"."starts_at")
);
--> statement-breakpoint
CREATE TABLE "lane_intake" (
	"lane" integer PRIMARY KEY NOT NULL,
	"next" bigint DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "lanes" (
	"id" integer PRIMARY KEY NOT NULL,
	"watermark" bigint DEFAULT 0 NOT NULL,
	"paused" boolean DEFAULT false NOT NULL,
	"decided_per_second" real DEFAULT 0 NOT NULL,
	"decided_at" timestamp with time zone DEFAULT to_timestamp(0) NOT NULL,
	CONSTRAINT "lanes_watermark_not_negative" CHECK ("lanes"."watermark" >= 0)
);
--> statement-breakpoint
CREATE TABLE "layouts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"auditorium_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "layouts_auditorium_version" UNIQUE("auditorium_id","version"),
	CONSTRAINT "layouts_version_positive" CHECK ("layouts"."version" > 0)
);
--> statement-breakpoint
CREATE TABLE "movies" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organizer_id" uuid NOT NULL,
	"title" text NOT NULL,
	"synopsis" text DEFAULT '' NOT NULL,
	"duration_minutes" integer NOT NULL,
	"rating" text DEFAULT '' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "movies_duration_positive" CHECK ("movies"."duration_minutes" > 0)
);
--> statement-breakpoint
CREATE TABLE "organizers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"fee_basis_points" integer DEFAULT 300 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "organizers_fee_range" CHECK ("organizers"."fee_basis_points" between 0 and 10000)
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"organizer_id" uuid NOT NULL,
	"type" text NOT NULL,
	"entity_id" uuid NOT NULL,
	"entity_seq" integer NOT NULL,
	"payload" jsonb NOT NULL,
	"delivered_at" timestamp with time zone,
	CONSTRAINT "outbox_id_at_pk" PRIMARY KEY("id","at")
) PARTITION BY RANGE ("at");
--> statement-breakpoint
CREATE TABLE "payments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"booking_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"provider_reference" text,
	"status" text NOT NULL,
	"currency" text NOT NULL,
	"amount" bigint NOT NULL,
	"captured" bigint DEFAULT 0 NOT NULL,
	"reserved" bigint DEFAULT 0 NOT NULL,
	"refunded" bigint DEFAULT 0 NOT NULL,
	"checkout_url" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "payments_provider_reference" UNIQUE("provider","provider_reference"),
	CONSTRAINT "payments_status" CHECK ("payments"."status" in ('pending', 'processing', 'completed', 'failed', 'partially_refunded', 'refunded')),
	CONSTRAINT "payments_amount" CHECK ("payments"."amount" > 0 and "payments"."captured" between 0 and "payments"."amount"),
	CONSTRAINT "payments_refunds_within_captured" CHECK ("payments"."reserved" >= 0 and "payments"."refunded" >= 0 and "payments"."refunded" + "payments"."reserved" <= "payments"."captured")
);
--> statement-breakpoint
CREATE TABLE "promo_code_customers" (
	"promo_code_id" uuid NOT NULL,
	"customer_key" text NOT NULL,
	"redeemed" integer NOT NULL,
	CONSTRAINT "promo_code_customers_promo_code_id_customer_key_pk" PRIMARY KEY("promo_code_id","customer_key"),
	CONSTRAINT "promo_code_customers_not_negative" CHECK ("promo_code_customers"."redeemed" >= 0)
);
--> statement-breakpoint
CREATE TABLE "promo_code_resources" (
	"promo_code_id" uuid NOT NULL,
	"resource_id" uuid NOT NULL,
	CONSTRAINT "promo_code_resources_promo_code_id_resource_id_pk" PRIMARY KEY("promo_code_id","resource_id")
);
--> statement-breakpoint
CREATE TABLE "promo_code_state" (
	"promo_code_id" uuid PRIMARY KEY NOT NULL,
	"max_redemptions" integer,
	"redeemed" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "promo_code_state_not_negative" CHECK ("promo_code_state"."redeemed" >= 0),
	CONSTRAINT "promo_code_state_within_limit" CHECK ("promo_code_state"."redeemed" <= "promo_code_state"."max_redemptions")
);
--> statement-breakpoint
CREATE TABLE "promo_codes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organizer_id" uuid NOT NULL,
	"code" text NOT NULL,
	"kind" text NOT NULL,
	"value" bigint NOT NULL,
	"currency" text,
	"active" boolean DEFAULT true NOT NULL,
	"starts_at" timestamp with time zone,
	"ends_at" timestamp with time zone,
	"max_per_customer" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "promo_codes_organizer_code" UNIQUE("organizer_id","code"),
	CONSTRAINT "promo_codes_code_form" CHECK ("promo_codes"."code" = upper(btrim("promo_codes"."code")) and "promo_codes"."code" <> ''),
	CONSTRAINT "promo_codes_value" CHECK (("promo_codes"."kind" = 'percent' and "promo_codes"."value" between 1 and 10000 and "promo_codes"."currency" is null) or ("promo_codes"."kind" = 'fixed' and "promo_codes"."value" > 0 and "promo_codes"."currency" is not null and "promo_codes"."currency" ~ '^[A-Z]{3}$')),
	CONSTRAINT "promo_codes_window" CHECK ("promo_codes"."ends_at" > "promo_codes"."starts_at"),
	CONSTRAINT "promo_codes_per_customer" CHECK ("promo_codes"."max_per_customer" >= 1)
);
--> statement-breakpoint
CREATE TABLE "provider_inbox" (
	"provider" text NOT NULL,
	"event_id" text NOT NULL,
	"body" "bytea" NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"handled_at" timestamp with time zone,
	CONSTRAINT "provider_inbox_provider_event_id_pk" PRIMARY KEY("provider","event_id")
);
--> statement-breakpoint
CREATE TABLE "refunds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"payment_id" uuid NOT NULL,
	"booking_id" uuid NOT NULL,
	"amount" bigint NOT NULL,
	"status" text NOT NULL,
	"reason" text NOT NULL,
	"provider_reference" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "refunds_status" CHECK ("refunds"."status" in ('reserved', 'sent', 'completed', 'failed')),
	CONSTRAINT "refunds_amount_positive" CHECK ("refunds"."amount" > 0)
);
--> statement-breakpoint
CREATE TABLE "resource_state" (
	"resource_id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "resources" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"organizer_id" uuid NOT NULL,
	"lane" integer NOT NULL,
	"hold_ttl_ms" integer DEFAULT 600000 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "resources_kind" CHECK ("resources"."kind" in ('showtime', 'event')),
	CONSTRAINT "resources_hold_positive" CHECK ("resources"."hold_ttl_ms" > 0),
	CONSTRAINT "resources_lane_not_negative" CHECK ("resources"."lane" >= 0)
);
--> statement-breakpoint
CREATE TABLE "seat_allocations" (
	"showtime_id" uuid NOT NULL,
	"seat_label" text NOT NULL,
	"booking_id" uuid NOT NULL,
	CONSTRAINT "seat_allocations_showtime_id_seat_label_pk" PRIMARY KEY("showtime_id","seat_label")
);
--> statement-breakpoint
CREATE TABLE "seat_categories" (
	"id" uuid PRIMARY KEY NOT NULL,
	"layout_id" uuid NOT NULL,
	"name" text NOT NULL,
	"position" integer NOT NULL,
	CONSTRAINT "seat_categories_layout_name" UNIQUE("layout_id","name"),
	CONSTRAINT "seat_categories_layout_id" UNIQUE("layout_id","id")
);
--> statement-breakpoint
CREATE TABLE "seats" (
	"layout_id" uuid NOT NULL,
	"label" text NOT NULL,
	"row_label" text NOT NULL,
	"number" integer NOT NULL,
	"position" integer NOT NULL,
	"x" real NOT NULL,
	"y" real NOT NULL,
	"category_id" uuid NOT NULL,
	"disabled" boolean DEFAULT false NOT NULL,
	"accessible" boolean DEFAULT false NOT NULL,
	CONSTRAINT "seats_layout_id_label_pk" PRIMARY KEY("layout_id","label"),
	CONSTRAINT "seats_layout_position" UNIQUE("layout_id","position")
);
--> statement-breakpoint
CREATE TABLE "showtime_prices" (
	"showtime_id" uuid NOT NULL,
	"category_id" uuid NOT NULL,
	"price" bigint NOT NULL,
	CONSTRAINT "showtime_prices_showtime_id_category_id_pk" PRIMARY KEY("showtime_id","category_id"),
	CONSTRAINT "showtime_prices_not_negative" CHECK ("showtime_prices"."price" >= 0)
);
--> statement-breakpoint
CREATE TABLE "showtimes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"movie_id" uuid NOT NULL,
	"auditorium_id" uuid NOT NULL,
	"layout_id" uuid NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"currency" text NOT NULL,
	"max_seats_per_booking" integer DEFAULT 10 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "showtimes_status" CHECK ("showtimes"."status" in ('draft', 'active', 'cancelled')),
	CONSTRAINT "showtimes_currency" CHECK ("showtimes"."currency" ~ '^[A-Z]{3}$'),
	CONSTRAINT "showtimes_max_seats" CHECK ("showtimes"."max_seats_per_booking" between 1 and 100)
);
--> statement-breakpoint
CREATE TABLE "ticket_type_customers" (
	"ticket_type_id" uuid NOT NULL,
	"customer_key" text NOT NULL,
	"quantity" integer NOT NULL,
	CONSTRAINT "ticket_type_customers_ticket_type_id_customer_key_pk" PRIMARY KEY("ticket_type_id","customer_key"),
	CONSTRAINT "ticket_type_customers_not_negative" CHECK ("ticket_type_customers"."quantity" >= 0)
);
--> statement-breakpoint
CREATE TABLE "ticket_type_state" (
	"ticket_type_id" uuid PRIMARY KEY NOT NULL,
	"capacity" integer NOT NULL,
	"sold" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "ticket_type_state_not_oversold" CHECK ("ticket_type_state"."sold" between 0 and "ticket_type_state"."capacity")
);
--> statement-breakpoint
CREATE TABLE "ticket_types" (
	"id" uuid PRIMARY KEY NOT NULL,
	"event_id" uuid NOT NULL,
	"name" text NOT NULL,
	"position" integer DEFAULT 0 NOT NULL,
	"price" bigint NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"sale_starts_at" timestamp with time zone,
	"sale_ends_at" timestamp with time zone,
	"min_per_booking" integer DEFAULT 1 NOT NULL,
	"max_per_booking" integer DEFAULT 10 NOT NULL,
	"max_per_customer" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ticket_types_price_not_negative" CHECK ("ticket_types"."price" >= 0),
	CONSTRAINT "ticket_types_per_booking" CHECK ("ticket_types"."min_per_booking" >= 1 and "ticket_types"."max_per_booking" >= "ticket_types"."min_per_booking" and "ticket_types"."max_per_booking" <= 1000),
	CONSTRAINT "ticket_types_per_customer" CHECK ("ticket_types"."max_per_customer" >= 1),
	CONSTRAINT "ticket_types_sale_window" CHECK ("ticket_types"."sale_ends_at" > "ticket_types"."sale_starts_at")
);
--> statement-breakpoint
CREATE TABLE "tickets" (
	"id" uuid PRIMARY KEY NOT NULL,
	"booking_id" uuid NOT NULL,
	"resource_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"seat_label" text,
	"ticket_type_id" uuid,
	"status" text DEFAULT 'issued' NOT NULL,
	"checked_in_at" timestamp with time zone,
	"checked_in_gate" text,
	CONSTRAINT "tickets_booking_ordinal" UNIQUE("booking_id","ordinal"),
	CONSTRAINT "tickets_status" CHECK ("tickets"."status" in ('issued', 'checked_in', 'void')),
	CONSTRAINT "tickets_kind" CHECK (("tickets"."seat_label" is null) <> ("tickets"."ticket_type_id" is null)),
	CONSTRAINT "tickets_checked_in" CHECK ("tickets"."status" <> 'checked_in' or "tickets"."checked_in_at" is not null)
);
--> statement-breakpoint
CREATE TABLE "venues" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organizer_id" uuid NOT NULL,
	"name" text NOT NULL,
	"address" text DEFAULT '' NOT NULL,
	"time_zone" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "auditoriums" ADD CONSTRAINT "auditoriums_venue_id_venues_id_fk" FOREIGN KEY ("venue_id") REFERENCES "public"."venues"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "booking_requests" ADD CONSTRAINT "booking_requests_resource_id_resources_id_fk" FOREIGN KEY ("resource_id") REFERENCES "public"."resources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bookings" ADD CONSTRAINT "bookings_resource_id_resources_id_fk" FOREIGN KEY ("resource_id") REFERENCES "public"."resources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_id_resources_id_fk" FOREIGN KEY ("id") REFERENCES "public"."resources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "layouts" ADD CONSTRAINT "layouts_auditorium_id_auditoriums_id_fk" FOREIGN KEY ("auditorium_id") REFERENCES "public"."auditoriums"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "movies" ADD CONSTRAINT "movies_organizer_id_organizers_id_fk" FOREIGN KEY ("organizer_id") REFERENCES "public"."organizers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "promo_code_resources" ADD CONSTRAINT "promo_code_resources_promo_code_id_promo_codes_id_fk" FOREIGN KEY ("promo_code_id") REFERENCES "public"."promo_codes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "promo_code_resources" ADD CONSTRAINT "promo_code_resources_resource_id_resources_id_fk" FOREIGN KEY ("resource_id") REFERENCES "public"."resources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "promo_codes" ADD CONSTRAINT "promo_codes_organizer_id_organizers_id_fk" FOREIGN KEY ("organizer_id") REFERENCES "public"."organizers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resources" ADD CONSTRAINT "resources_organizer_id_organizers_id_fk" FOREIGN KEY ("organizer_id") REFERENCES "public"."organizers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "seat_categories" ADD CONSTRAINT "seat_categories_layout_id_layouts_id_fk" FOREIGN KEY ("layout_id") REFERENCES "public"."layouts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "seats" ADD CONSTRAINT "seats_layout_id_layouts_id_fk" FOREIGN KEY ("layout_id") REFERENCES "public"."layouts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "seats" ADD CONSTRAINT "seats_category" FOREIGN KEY ("layout_id","category_id") REFERENCES "public"."seat_categories"("layout_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "showtime_prices" ADD CONSTRAINT "showtime_prices_showtime_id_showtimes_id_fk" FOREIGN KEY ("showtime_id") REFERENCES "public"."showtimes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "showtime_prices" ADD CONSTRAINT "showtime_prices_category_id_seat_categories_id_fk" FOREIGN KEY ("category_id") REFERENCES "public"."seat_categories"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "showtimes" ADD CONSTRAINT "showtimes_id_resources_id_fk" FOREIGN KEY ("id") REFERENCES "public"."resources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "showtimes" ADD CONSTRAINT "showtimes_movie_id_movies_id_fk" FOREIGN KEY ("movie_id") REFERENCES "public"."movies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "showtimes" ADD CONSTRAINT "showtimes_auditorium_id_auditoriums_id_fk" FOREIGN KEY ("auditorium_id") REFERENCES "public"."auditoriums"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "showtimes" ADD CONSTRAINT "showtimes_layout_id_layouts_id_fk" FOREIGN KEY ("layout_id") REFERENCES "public"."layouts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ticket_types" ADD CONSTRAINT "ticket_types_event_id_events_id_fk" FOREIGN KEY ("event_id") REFERENCES "public"."events"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "venues" ADD CONSTRAINT "venues_organizer_id_organizers_id_fk" FOREIGN KEY ("organizer_id") REFERENCES "public"."organizers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_entity" ON "audit" USING btree ("entity_id","at");--> statement-breakpoint
CREATE INDEX "audit_organizer" ON "audit" USING btree ("organizer_id","at");--> statement-breakpoint
CREATE INDEX "auditoriums_venue" ON "auditoriums" USING btree ("venue_id");--> statement-breakpoint
CREATE INDEX "booking_requests_resource" ON "booking_requests" USING btree ("resource_id");--> statement-breakpoint
CREATE INDEX "bookings_owner" ON "bookings" USING btree ("owner","id");--> statement-breakpoint
CREATE INDEX "bookings_resource" ON "bookings" USING btree ("resource_id","id");--> statement-breakpoint
CREATE INDEX "bookings_organizer" ON "bookings" USING btree ("organizer_id","id");--> statement-breakpoint
CREATE INDEX "bookings_expiry" ON "bookings" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "events_on_sale" ON "events" USING btree ("starts_at","id");--> statement-breakpoint
CREATE INDEX "movies_organizer" ON "movies" USING btree ("organizer_id");--> statement-breakpoint
CREATE INDEX "outbox_entity" ON "outbox" USING btree ("entity_id","entity_seq");--> statement-breakpoint
CREATE INDEX "payments_booking" ON "payments" USING btree ("booking_id");--> statement-breakpoint
CREATE UNIQUE INDEX "payments_one_open" ON "payments" USING btree ("booking_id") WHERE "payments"."status" in ('pending', 'processing');--> statement-breakpoint
CREATE INDEX "promo_code_resources_resource" ON "promo_code_resources" USING btree ("resource_id");--> statement-breakpoint
CREATE INDEX "refunds_payment" ON "refunds" USING btree ("payment_id");--> statement-breakpoint
CREATE INDEX "refunds_booking" ON "refunds" USING btree ("booking_id");--> statement-breakpoint
CREATE INDEX "resources_organizer" ON "resources" USING btree ("organizer_id");--> statement-breakpoint
CREATE INDEX "showtimes_on_sale" ON "showtimes" USING btree ("starts_at","id");--> statement-breakpoint
CREATE INDEX "showtimes_movie" ON "showtimes" USING btree ("movie_id","starts_at");--> statement-breakpoint
CREATE INDEX "showtimes_auditorium" ON "showtimes" USING btree ("auditorium_id","starts_at");--> statement-breakpoint
CREATE INDEX "ticket_types_event" ON "ticket_types" USING btree ("event_id","position");--> statement-breakpoint
CREATE INDEX "venues_organizer" ON "venues" USING btree ("organizer_id");