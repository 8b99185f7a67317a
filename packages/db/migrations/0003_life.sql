CREATE TABLE "auth"."erasure_parts" (
	"event_id" uuid PRIMARY KEY NOT NULL,
	"erasure_id" uuid NOT NULL,
	"service" text NOT NULL,
	"counts" jsonb NOT NULL,
	"erased_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "auth"."erasures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"asked_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "erasures_user_id_unique" UNIQUE("user_id")
);
--> statement-breakpoint
CREATE TABLE "email"."erased" (
	"person" text PRIMARY KEY NOT NULL,
	"erased_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notifications"."erased" (
	"person" text PRIMARY KEY NOT NULL,
	"erased_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "auth"."sessions" DROP CONSTRAINT "sessions_reason_known";--> statement-breakpoint
ALTER TABLE "auth"."users" DROP CONSTRAINT "users_active_is_verified";--> statement-breakpoint
ALTER TABLE "auth"."users" DROP CONSTRAINT "users_status_known";--> statement-breakpoint
ALTER TABLE "auth"."users" ADD COLUMN "delete_after" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "auth"."erasure_parts" ADD CONSTRAINT "erasure_parts_erasure_id_erasures_id_fk" FOREIGN KEY ("erasure_id") REFERENCES "auth"."erasures"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "erasure_parts_erasure_idx" ON "auth"."erasure_parts" USING btree ("erasure_id");--> statement-breakpoint
CREATE INDEX "erasures_open_idx" ON "auth"."erasures" USING btree ("asked_at") WHERE "auth"."erasures"."finished_at" IS NULL;--> statement-breakpoint
CREATE INDEX "users_deleting_idx" ON "auth"."users" USING btree ("delete_after") WHERE "auth"."users"."status" = 'deleting';--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD CONSTRAINT "sessions_reason_known" CHECK ("auth"."sessions"."revoked_reason" IN ('logout', 'refresh_token_reuse', 'password_reset', 'password_change', 'deactivation', 'deletion'));--> statement-breakpoint
ALTER TABLE "auth"."users" ADD CONSTRAINT "users_pending_until_verified" CHECK (("auth"."users"."status" = 'pending') = ("auth"."users"."verified_at" IS NULL));--> statement-breakpoint
ALTER TABLE "auth"."users" ADD CONSTRAINT "users_deletion_has_its_day" CHECK (("auth"."users"."status" IN ('deleting', 'erasing')) = ("auth"."users"."delete_after" IS NOT NULL));--> statement-breakpoint
ALTER TABLE "auth"."users" ADD CONSTRAINT "users_status_known" CHECK ("auth"."users"."status" IN ('pending', 'active', 'deactivated', 'deleting', 'erasing'));