CREATE TABLE "pending_moves" (
	"id" uuid PRIMARY KEY NOT NULL,
	"resource_id" uuid NOT NULL,
	"after" uuid,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "setbacks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"subject_id" uuid NOT NULL,
	"entity_id" uuid NOT NULL,
	"failures" integer NOT NULL,
	"error" text NOT NULL,
	"first_failed_at" timestamp with time zone NOT NULL,
	"failed_at" timestamp with time zone NOT NULL,
	"retry_at" timestamp with time zone,
	CONSTRAINT "setbacks_subject" UNIQUE("kind","subject_id"),
	CONSTRAINT "setbacks_kind" CHECK ("setbacks"."kind" in ('event', 'cancellation', 'expiry', 'closing', 'move', 'mail'))
);
--> statement-breakpoint
CREATE INDEX "pending_moves_resource" ON "pending_moves" USING btree ("resource_id","id");--> statement-breakpoint
CREATE INDEX "setbacks_entity" ON "setbacks" USING btree ("kind","entity_id");--> statement-breakpoint
CREATE INDEX "setbacks_parked" ON "setbacks" USING btree ("id") WHERE "setbacks"."retry_at" is null;