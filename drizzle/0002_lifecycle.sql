CREATE TABLE "idempotency_keys" (
	"owner" text NOT NULL,
	"key" text NOT NULL,
	"operation" text NOT NULL,
	"body_hash" "bytea" NOT NULL,
	"entity_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_owner_key_pk" PRIMARY KEY("owner","key")
);
--> statement-breakpoint
CREATE TABLE "maintenance_runs" (
	"task" text PRIMARY KEY NOT NULL,
	"ran_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sandbox_checkouts" (
	"id" text PRIMARY KEY NOT NULL,
	"payment_id" uuid NOT NULL,
	"booking_reference" text NOT NULL,
	"description" text NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"return_url" text,
	"status" text DEFAULT 'open' NOT NULL,
	"completes_at" timestamp with time zone,
	"captured" bigint DEFAULT 0 NOT NULL,
	"captured_currency" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sandbox_checkouts_payment" UNIQUE("payment_id"),
	CONSTRAINT "sandbox_checkouts_status" CHECK ("sandbox_checkouts"."status" in ('open', 'processing', 'completed', 'failed', 'cancelled'))
);
--> statement-breakpoint
CREATE TABLE "sandbox_deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"event_id" text NOT NULL,
	"body" text NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"delivered_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "sandbox_refunds" (
	"id" text PRIMARY KEY NOT NULL,
	"refund_id" uuid NOT NULL,
	"checkout_id" text NOT NULL,
	"amount" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sandbox_refunds_refund" UNIQUE("refund_id")
);
--> statement-breakpoint
ALTER TABLE "payments" DROP CONSTRAINT "payments_amount";--> statement-breakpoint
ALTER TABLE "bookings" ADD COLUMN "hold_extended_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "bookings" ADD COLUMN "confirmed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "bookings" ADD COLUMN "paid_by" uuid;--> statement-breakpoint
ALTER TABLE "bookings" ADD COLUMN "cancelled_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "bookings" ADD COLUMN "cancel_reason" text;--> statement-breakpoint
ALTER TABLE "check_ins" ADD COLUMN "actor" text NOT NULL;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "attempts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "retry_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "captured_currency" text;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "return_url" text;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "declines" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "failure" text;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "reconcile_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "payments" ADD COLUMN "reconcile_attempts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "provider_inbox" ADD COLUMN "event" jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "provider_inbox" ADD COLUMN "attempts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "currency" text NOT NULL;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "failure" text;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "send_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "send_attempts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "resource_state" ADD COLUMN "closed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "resources" ADD COLUMN "refund_policy" jsonb DEFAULT '{"tiers":[{"noticeMs":0,"basisPoints":10000}],"refundsFee":false}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "resources" ADD COLUMN "check_in_opens_ms" integer DEFAULT 86400000 NOT NULL;--> statement-breakpoint
CREATE INDEX "idempotency_keys_age" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "sandbox_checkouts_completing" ON "sandbox_checkouts" USING btree ("completes_at") WHERE "sandbox_checkouts"."completes_at" is not null;--> statement-breakpoint
CREATE INDEX "sandbox_deliveries_due" ON "sandbox_deliveries" USING btree ("due_at") WHERE "sandbox_deliveries"."delivered_at" is null;--> statement-breakpoint
CREATE INDEX "sandbox_refunds_checkout" ON "sandbox_refunds" USING btree ("checkout_id");--> statement-breakpoint
CREATE UNIQUE INDEX "check_ins_admitted_once" ON "check_ins" USING btree ("ticket_id") WHERE "check_ins"."result" = 'admitted';--> statement-breakpoint
CREATE INDEX "outbox_undelivered" ON "outbox" USING btree ("id") WHERE "outbox"."delivered_at" is null;--> statement-breakpoint
CREATE INDEX "payments_reconcile" ON "payments" USING btree ("reconcile_at") WHERE "payments"."reconcile_at" is not null;--> statement-breakpoint
CREATE INDEX "provider_inbox_unhandled" ON "provider_inbox" USING btree ("received_at") WHERE "provider_inbox"."handled_at" is null;--> statement-breakpoint
CREATE INDEX "refunds_due" ON "refunds" USING btree ("send_at") WHERE "refunds"."send_at" is not null;--> statement-breakpoint
ALTER TABLE "bookings" ADD CONSTRAINT "bookings_cancelled" CHECK (("bookings"."status" = 'cancelled') = ("bookings"."cancelled_at" is not null) and ("bookings"."status" = 'cancelled') = ("bookings"."cancel_reason" is not null));--> statement-breakpoint
ALTER TABLE "check_ins" ADD CONSTRAINT "check_ins_result" CHECK ("check_ins"."result" in ('admitted', 'already_used', 'void', 'wrong_event', 'too_early'));--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_captured_currency" CHECK (("payments"."captured" > 0) = ("payments"."captured_currency" is not null));--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_captured_as_asked" CHECK ("payments"."status" not in ('completed', 'partially_refunded', 'refunded') or ("payments"."captured" = "payments"."amount" and "payments"."captured_currency" = "payments"."currency"));--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_failure" CHECK (("payments"."status" = 'failed') = ("payments"."failure" is not null));--> statement-breakpoint
ALTER TABLE "payments" ADD CONSTRAINT "payments_amount" CHECK ("payments"."amount" > 0 and "payments"."captured" >= 0);--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_settled" CHECK (("refunds"."status" in ('completed', 'failed')) = ("refunds"."send_at" is null));--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_failure" CHECK (("refunds"."status" = 'failed') = ("refunds"."failure" is not null));--> statement-breakpoint
ALTER TABLE "resources" ADD CONSTRAINT "resources_check_in_opens" CHECK ("resources"."check_in_opens_ms" >= 0);