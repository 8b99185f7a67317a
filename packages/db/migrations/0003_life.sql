CREATE TABLE "auth"."email_changes" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"id" uuid NOT NULL,
	"old_email" text NOT NULL,
	"new_email" text NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"left_at" timestamp with time zone,
	"joined_at" timestamp with time zone,
	"done_at" timestamp with time zone,
	CONSTRAINT "email_changes_normal" CHECK ("auth"."email_changes"."new_email" = lower(btrim("auth"."email_changes"."new_email"))),
	CONSTRAINT "email_changes_differ" CHECK ("auth"."email_changes"."new_email" <> "auth"."email_changes"."old_email"),
	CONSTRAINT "email_changes_done_by_both" CHECK ("auth"."email_changes"."done_at" IS NULL OR ("auth"."email_changes"."left_at" IS NOT NULL AND "auth"."email_changes"."joined_at" IS NOT NULL))
);
--> statement-breakpoint
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
CREATE TABLE "auth"."export_parts" (
	"user_id" uuid NOT NULL,
	"service" text NOT NULL,
	"export_id" uuid NOT NULL,
	"data" jsonb NOT NULL,
	CONSTRAINT "export_parts_user_id_service_pk" PRIMARY KEY("user_id","service")
);
--> statement-breakpoint
CREATE TABLE "auth"."exports" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"id" uuid NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
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
ALTER TABLE "auth"."tokens" DROP CONSTRAINT "tokens_type_known";--> statement-breakpoint
ALTER TABLE "auth"."users" DROP CONSTRAINT "users_active_is_verified";--> statement-breakpoint
ALTER TABLE "auth"."users" DROP CONSTRAINT "users_status_known";--> statement-breakpoint
ALTER TABLE "auth"."tokens" ADD COLUMN "change_id" uuid;--> statement-breakpoint
ALTER TABLE "auth"."users" ADD COLUMN "delete_after" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "auth"."email_changes" ADD CONSTRAINT "email_changes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."erasure_parts" ADD CONSTRAINT "erasure_parts_erasure_id_erasures_id_fk" FOREIGN KEY ("erasure_id") REFERENCES "auth"."erasures"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."export_parts" ADD CONSTRAINT "export_parts_user_id_exports_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."exports"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."exports" ADD CONSTRAINT "exports_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "erasure_parts_erasure_idx" ON "auth"."erasure_parts" USING btree ("erasure_id");--> statement-breakpoint
CREATE INDEX "erasures_open_idx" ON "auth"."erasures" USING btree ("asked_at") WHERE "auth"."erasures"."finished_at" IS NULL;--> statement-breakpoint
CREATE INDEX "exports_expiry_idx" ON "auth"."exports" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "users_deleting_idx" ON "auth"."users" USING btree ("delete_after") WHERE "auth"."users"."status" = 'deleting';--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD CONSTRAINT "sessions_reason_known" CHECK ("auth"."sessions"."revoked_reason" IN ('logout', 'refresh_token_reuse', 'password_reset', 'password_change', 'deactivation', 'deletion'));--> statement-breakpoint
ALTER TABLE "auth"."tokens" ADD CONSTRAINT "tokens_of_a_change" CHECK (("auth"."tokens"."type" IN ('leave_email', 'join_email')) = ("auth"."tokens"."change_id" IS NOT NULL));--> statement-breakpoint
ALTER TABLE "auth"."tokens" ADD CONSTRAINT "tokens_type_known" CHECK ("auth"."tokens"."type" IN ('verify_email', 'reset_password', 'leave_email', 'join_email'));--> statement-breakpoint
ALTER TABLE "auth"."users" ADD CONSTRAINT "users_pending_until_verified" CHECK (("auth"."users"."status" = 'pending') = ("auth"."users"."verified_at" IS NULL));--> statement-breakpoint
ALTER TABLE "auth"."users" ADD CONSTRAINT "users_deletion_has_its_day" CHECK (("auth"."users"."status" IN ('deleting', 'erasing')) = ("auth"."users"."delete_after" IS NOT NULL));--> statement-breakpoint
ALTER TABLE "auth"."users" ADD CONSTRAINT "users_status_known" CHECK ("auth"."users"."status" IN ('pending', 'active', 'deactivated', 'deleting', 'erasing'));