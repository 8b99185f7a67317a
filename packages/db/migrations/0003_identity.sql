CREATE TABLE "alerts"."idempotency_keys" (
	"caller_id" uuid NOT NULL,
	"route" text NOT NULL,
	"key" text NOT NULL,
	"fingerprint" text NOT NULL,
	"answer" jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_pk" PRIMARY KEY("caller_id","route","key")
);
--> statement-breakpoint
CREATE TABLE "auth"."account_attempts" (
	"account" text PRIMARY KEY NOT NULL,
	"failures" integer NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	CONSTRAINT "account_attempts_failures_positive" CHECK ("auth"."account_attempts"."failures" > 0)
);
--> statement-breakpoint
CREATE TABLE "auth"."address_attempts" (
	"network" text PRIMARY KEY NOT NULL,
	"recent" timestamp with time zone[] NOT NULL,
	"last_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
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
CREATE TABLE "auth"."login_challenges" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"hash" text NOT NULL,
	"password_version" integer NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "login_challenges_tries_bounded" CHECK ("auth"."login_challenges"."tries" BETWEEN 0 AND 5)
);
--> statement-breakpoint
CREATE TABLE "auth"."recovery_codes" (
	"user_id" uuid NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "recovery_codes_user_id_hash_pk" PRIMARY KEY("user_id","hash")
);
--> statement-breakpoint
CREATE TABLE "auth"."totp_factors" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"sealed_secret" text NOT NULL,
	"last_step" integer DEFAULT 0 NOT NULL,
	"confirmed_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "totp_factors_last_step_not_negative" CHECK ("auth"."totp_factors"."last_step" >= 0)
);
--> statement-breakpoint
CREATE TABLE "auth"."trusted_devices" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"hash" text NOT NULL,
	"password_version" integer NOT NULL,
	"user_agent" text,
	"ip" text,
	"created_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone NOT NULL,
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
CREATE TABLE "users"."blocks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"blocker_id" uuid NOT NULL,
	"blocked_id" uuid NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "blocks_pair_key" UNIQUE("blocker_id","blocked_id"),
	CONSTRAINT "blocks_another" CHECK ("users"."blocks"."blocker_id" <> "users"."blocks"."blocked_id")
);
--> statement-breakpoint
CREATE TABLE "users"."erased" (
	"person" text PRIMARY KEY NOT NULL,
	"erased_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users"."follows" (
	"id" uuid PRIMARY KEY NOT NULL,
	"follower_id" uuid NOT NULL,
	"followed_id" uuid NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "follows_pair_key" UNIQUE("follower_id","followed_id"),
	CONSTRAINT "follows_another" CHECK ("users"."follows"."follower_id" <> "users"."follows"."followed_id")
);
--> statement-breakpoint
CREATE TABLE "users"."friendships" (
	"id" uuid PRIMARY KEY NOT NULL,
	"low_id" uuid NOT NULL,
	"high_id" uuid NOT NULL,
	"requested_by" uuid NOT NULL,
	"status" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "friendships_pair_key" UNIQUE("low_id","high_id"),
	CONSTRAINT "friendships_ordered" CHECK ("users"."friendships"."low_id" < "users"."friendships"."high_id"),
	CONSTRAINT "friendships_asked_by_one_of_them" CHECK ("users"."friendships"."requested_by" IN ("users"."friendships"."low_id", "users"."friendships"."high_id")),
	CONSTRAINT "friendships_known_status" CHECK ("users"."friendships"."status" IN ('requested', 'accepted'))
);
--> statement-breakpoint
CREATE TABLE "users"."inbox" (
	"event_id" uuid PRIMARY KEY NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users"."metrics" (
	"user_id" uuid NOT NULL,
	"day" date NOT NULL,
	"metric" text NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "metrics_user_id_day_metric_pk" PRIMARY KEY("user_id","day","metric"),
	CONSTRAINT "metrics_counted" CHECK ("users"."metrics"."count" > 0)
);
--> statement-breakpoint
CREATE TABLE "users"."mutes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"muter_id" uuid NOT NULL,
	"muted_id" uuid NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "mutes_pair_key" UNIQUE("muter_id","muted_id"),
	CONSTRAINT "mutes_another" CHECK ("users"."mutes"."muter_id" <> "users"."mutes"."muted_id")
);
--> statement-breakpoint
CREATE TABLE "users"."usernames" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "usernames_name_unique" UNIQUE("name"),
	CONSTRAINT "usernames_lower_case" CHECK ("users"."usernames"."name" = lower("users"."usernames"."name"))
);
--> statement-breakpoint
ALTER TABLE "auth"."sessions" DROP CONSTRAINT "sessions_reason_known";--> statement-breakpoint
ALTER TABLE "auth"."tokens" DROP CONSTRAINT "tokens_type_known";--> statement-breakpoint
ALTER TABLE "auth"."users" DROP CONSTRAINT "users_active_is_verified";--> statement-breakpoint
ALTER TABLE "auth"."users" DROP CONSTRAINT "users_role_known";--> statement-breakpoint
ALTER TABLE "auth"."users" DROP CONSTRAINT "users_status_known";--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD COLUMN "device" text DEFAULT 'Unknown device' NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD COLUMN "second_factor_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "auth"."tokens" ADD COLUMN "change_id" uuid;--> statement-breakpoint
ALTER TABLE "auth"."users" ADD COLUMN "banned_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "auth"."users" ADD COLUMN "ban_reason" text;--> statement-breakpoint
ALTER TABLE "auth"."users" ADD COLUMN "ban_expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "auth"."users" ADD COLUMN "delete_after" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "users"."profiles" ADD COLUMN "birth_date" date;--> statement-breakpoint
ALTER TABLE "users"."profiles" ADD COLUMN "username" text;--> statement-breakpoint
ALTER TABLE "users"."profiles" ADD COLUMN "username_changed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "users"."profiles" ADD COLUMN "profile_visibility" text DEFAULT 'public' NOT NULL;--> statement-breakpoint
ALTER TABLE "users"."profiles" ADD COLUMN "activity_visibility" text DEFAULT 'friend' NOT NULL;--> statement-breakpoint
ALTER TABLE "users"."profiles" ADD COLUMN "contact_audience" text DEFAULT 'user' NOT NULL;--> statement-breakpoint
ALTER TABLE "users"."profiles" ADD COLUMN "searchable" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "users"."profiles" ADD COLUMN "search_names" text GENERATED ALWAYS AS (lower(first_name || ' ' || last_name || ' ' || coalesce(display_name, '') || ' ' || coalesce(username, ''))) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."email_changes" ADD CONSTRAINT "email_changes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."erasure_parts" ADD CONSTRAINT "erasure_parts_erasure_id_erasures_id_fk" FOREIGN KEY ("erasure_id") REFERENCES "auth"."erasures"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."export_parts" ADD CONSTRAINT "export_parts_user_id_exports_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."exports"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."exports" ADD CONSTRAINT "exports_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."login_challenges" ADD CONSTRAINT "login_challenges_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."recovery_codes" ADD CONSTRAINT "recovery_codes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."totp_factors" ADD CONSTRAINT "totp_factors_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."trusted_devices" ADD CONSTRAINT "trusted_devices_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users"."usernames" ADD CONSTRAINT "usernames_user_id_profiles_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"."profiles"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "idempotency_keys_created_idx" ON "alerts"."idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "account_attempts_last_idx" ON "auth"."account_attempts" USING btree ("last_at");--> statement-breakpoint
CREATE INDEX "address_attempts_last_idx" ON "auth"."address_attempts" USING btree ("last_at");--> statement-breakpoint
CREATE INDEX "erasure_parts_erasure_idx" ON "auth"."erasure_parts" USING btree ("erasure_id");--> statement-breakpoint
CREATE INDEX "erasures_open_idx" ON "auth"."erasures" USING btree ("asked_at") WHERE "auth"."erasures"."finished_at" IS NULL;--> statement-breakpoint
CREATE INDEX "exports_expiry_idx" ON "auth"."exports" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "login_challenges_hash_key" ON "auth"."login_challenges" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "login_challenges_user_idx" ON "auth"."login_challenges" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "login_challenges_expires_idx" ON "auth"."login_challenges" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "totp_factors_user_key" ON "auth"."totp_factors" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "trusted_devices_hash_key" ON "auth"."trusted_devices" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "trusted_devices_user_idx" ON "auth"."trusted_devices" USING btree ("user_id","created_at");--> statement-breakpoint
CREATE INDEX "trusted_devices_expires_idx" ON "auth"."trusted_devices" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "blocks_blocker_idx" ON "users"."blocks" USING btree ("blocker_id","id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "blocks_blocked_idx" ON "users"."blocks" USING btree ("blocked_id","blocker_id");--> statement-breakpoint
CREATE INDEX "follows_follower_idx" ON "users"."follows" USING btree ("follower_id","id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "follows_followed_idx" ON "users"."follows" USING btree ("followed_id","id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "friendships_low_idx" ON "users"."friendships" USING btree ("low_id","status","id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "friendships_high_idx" ON "users"."friendships" USING btree ("high_id","status","id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "inbox_received_idx" ON "users"."inbox" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "mutes_muter_idx" ON "users"."mutes" USING btree ("muter_id","id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "usernames_user_idx" ON "users"."usernames" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "sessions_device_idx" ON "auth"."sessions" USING btree ("user_id","device");--> statement-breakpoint
CREATE INDEX "sessions_revoked_idx" ON "auth"."sessions" USING btree ("revoked_at") WHERE "auth"."sessions"."revoked_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "users_deleting_idx" ON "auth"."users" USING btree ("delete_after") WHERE "auth"."users"."status" = 'deleting';--> statement-breakpoint
CREATE INDEX "notifications_about_idx" ON "notifications"."notifications" USING btree (("data"->>'userId'));--> statement-breakpoint
CREATE UNIQUE INDEX "profiles_username_key" ON "users"."profiles" USING btree (lower("username"));--> statement-breakpoint
CREATE INDEX "profiles_document_idx" ON "users"."profiles" USING gin (to_tsvector('simple', search_names || ' ' || coalesce(location, '') || ' ' || coalesce(bio, ''))) WHERE "users"."profiles"."searchable";--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD CONSTRAINT "sessions_reason_known" CHECK ("auth"."sessions"."revoked_reason" IN ('logout', 'revoked', 'ban', 'refresh_token_reuse', 'password_reset', 'password_change', 'deactivation', 'deletion'));--> statement-breakpoint
ALTER TABLE "auth"."tokens" ADD CONSTRAINT "tokens_of_a_change" CHECK (("auth"."tokens"."type" IN ('leave_email', 'join_email')) = ("auth"."tokens"."change_id" IS NOT NULL));--> statement-breakpoint
ALTER TABLE "auth"."tokens" ADD CONSTRAINT "tokens_type_known" CHECK ("auth"."tokens"."type" IN ('verify_email', 'reset_password', 'unlock_account', 'leave_email', 'join_email'));--> statement-breakpoint
ALTER TABLE "auth"."users" ADD CONSTRAINT "users_pending_until_verified" CHECK (("auth"."users"."status" = 'pending') = ("auth"."users"."verified_at" IS NULL));--> statement-breakpoint
ALTER TABLE "auth"."users" ADD CONSTRAINT "users_ban_has_reason" CHECK (("auth"."users"."banned_at" IS NULL) = ("auth"."users"."ban_reason" IS NULL));--> statement-breakpoint
ALTER TABLE "auth"."users" ADD CONSTRAINT "users_ban_ends_later" CHECK ("auth"."users"."ban_expires_at" IS NULL OR "auth"."users"."ban_expires_at" > "auth"."users"."banned_at");--> statement-breakpoint
ALTER TABLE "auth"."users" ADD CONSTRAINT "users_deletion_has_its_day" CHECK (("auth"."users"."status" IN ('deleting', 'erasing')) = ("auth"."users"."delete_after" IS NOT NULL));--> statement-breakpoint
ALTER TABLE "auth"."users" ADD CONSTRAINT "users_role_known" CHECK ("auth"."users"."role" IN ('user', 'premium', 'provider', 'moderator', 'admin'));--> statement-breakpoint
ALTER TABLE "auth"."users" ADD CONSTRAINT "users_status_known" CHECK ("auth"."users"."status" IN ('pending', 'active', 'deactivated', 'deleting', 'erasing'));--> statement-breakpoint
ALTER TABLE "users"."profiles" ADD CONSTRAINT "profiles_known_visibility" CHECK ("users"."profiles"."profile_visibility" IN ('public', 'user', 'friend', 'nobody'));--> statement-breakpoint
ALTER TABLE "users"."profiles" ADD CONSTRAINT "profiles_known_activity_visibility" CHECK ("users"."profiles"."activity_visibility" IN ('public', 'user', 'friend', 'nobody'));--> statement-breakpoint
ALTER TABLE "users"."profiles" ADD CONSTRAINT "profiles_known_contact_audience" CHECK ("users"."profiles"."contact_audience" IN ('user', 'friend', 'nobody'));