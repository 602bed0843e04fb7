CREATE TABLE "former_refund_policies" (
	"resource_id" uuid NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"policy" jsonb NOT NULL,
	CONSTRAINT "former_refund_policies_resource_id_until_pk" PRIMARY KEY("resource_id","until")
);
--> statement-breakpoint
ALTER TABLE "lane_intake" ADD COLUMN "draining" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "resource_state" ADD COLUMN "closing_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "former_refund_policies" ADD CONSTRAINT "former_refund_policies_resource_id_resources_id_fk" FOREIGN KEY ("resource_id") REFERENCES "public"."resources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- A lane that is being drained while this is applied goes on being drained.
UPDATE lane_intake i SET draining = l.draining FROM lanes l WHERE l.id = i.lane AND l.draining;