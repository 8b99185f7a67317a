CREATE TABLE "chat"."legal_hold_acts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"conversation_id" uuid NOT NULL,
	"actor_id" uuid NOT NULL,
	"act" text NOT NULL,
	"reason" text,
	"acted_at" timestamp with time zone NOT NULL,
	CONSTRAINT "legal_hold_acts_known_act" CHECK ("chat"."legal_hold_acts"."act" IN ('held', 'read', 'ended')),
	CONSTRAINT "legal_hold_acts_held_for_a_reason" CHECK (("chat"."legal_hold_acts"."act" = 'held') = ("chat"."legal_hold_acts"."reason" IS NOT NULL))
);
--> statement-breakpoint
ALTER TABLE "chat"."conversations" ADD COLUMN "keep_days" integer;--> statement-breakpoint
ALTER TABLE "chat"."conversations" ADD COLUMN "hold_reason" text;--> statement-breakpoint
ALTER TABLE "chat"."conversations" ADD COLUMN "held_by" uuid;--> statement-breakpoint
ALTER TABLE "chat"."conversations" ADD COLUMN "held_since" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "legal_hold_acts_conversation_idx" ON "chat"."legal_hold_acts" USING btree ("conversation_id","id");--> statement-breakpoint
CREATE INDEX "conversations_held_idx" ON "chat"."conversations" USING btree ("held_since" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "chat"."conversations"."held_since" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "chat"."conversations" ADD CONSTRAINT "conversations_kept_for_days" CHECK ("chat"."conversations"."keep_days" >= 1);--> statement-breakpoint
ALTER TABLE "chat"."conversations" ADD CONSTRAINT "conversations_held_by_someone" CHECK (("chat"."conversations"."held_since" IS NULL) = ("chat"."conversations"."held_by" IS NULL) AND ("chat"."conversations"."held_since" IS NULL) = ("chat"."conversations"."hold_reason" IS NULL));