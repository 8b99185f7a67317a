ALTER TABLE "auth"."sessions" DROP CONSTRAINT "sessions_reason_known";--> statement-breakpoint
ALTER TABLE "auth"."users" DROP CONSTRAINT "users_role_known";--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD COLUMN "device" text DEFAULT 'Unknown device' NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."users" ADD COLUMN "banned_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "auth"."users" ADD COLUMN "ban_reason" text;--> statement-breakpoint
ALTER TABLE "auth"."users" ADD COLUMN "ban_expires_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "sessions_device_idx" ON "auth"."sessions" USING btree ("user_id","device");--> statement-breakpoint
CREATE INDEX "sessions_revoked_idx" ON "auth"."sessions" USING btree ("revoked_at") WHERE "auth"."sessions"."revoked_at" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD CONSTRAINT "sessions_reason_known" CHECK ("auth"."sessions"."revoked_reason" IN ('logout', 'revoked', 'ban', 'refresh_token_reuse', 'password_reset', 'password_change'));--> statement-breakpoint
ALTER TABLE "auth"."users" ADD CONSTRAINT "users_ban_has_reason" CHECK (("auth"."users"."banned_at" IS NULL) = ("auth"."users"."ban_reason" IS NULL));--> statement-breakpoint
ALTER TABLE "auth"."users" ADD CONSTRAINT "users_ban_ends_later" CHECK ("auth"."users"."ban_expires_at" IS NULL OR "auth"."users"."ban_expires_at" > "auth"."users"."banned_at");--> statement-breakpoint
ALTER TABLE "auth"."users" ADD CONSTRAINT "users_role_known" CHECK ("auth"."users"."role" IN ('user', 'premium', 'provider', 'moderator', 'admin'));