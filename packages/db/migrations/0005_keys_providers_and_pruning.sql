CREATE TABLE "auth"."api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"slot" integer,
	"name" text NOT NULL,
	"scopes" text[] NOT NULL,
	"hash" text NOT NULL,
	"previous_hash" text,
	"previous_until" timestamp with time zone,
	"expires_at" timestamp with time zone,
	"rolled_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "api_keys_slot_known" CHECK ("auth"."api_keys"."slot" BETWEEN 1 AND 20),
	CONSTRAINT "api_keys_slot_until_revoked" CHECK (("auth"."api_keys"."slot" IS NULL) = ("auth"."api_keys"."revoked_at" IS NOT NULL)),
	CONSTRAINT "api_keys_name_short" CHECK (char_length("auth"."api_keys"."name") BETWEEN 1 AND 100),
	CONSTRAINT "api_keys_have_scopes" CHECK (cardinality("auth"."api_keys"."scopes") > 0),
	CONSTRAINT "api_keys_hash_sha256" CHECK ("auth"."api_keys"."hash" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "api_keys_previous_ends" CHECK (("auth"."api_keys"."previous_hash" IS NULL) = ("auth"."api_keys"."previous_until" IS NULL)),
	CONSTRAINT "api_keys_expire_later" CHECK ("auth"."api_keys"."expires_at" > "auth"."api_keys"."created_at")
);
--> statement-breakpoint
CREATE TABLE "auth"."authorizations" (
	"state_hash" text PRIMARY KEY NOT NULL,
	"flow_hash" text NOT NULL,
	"provider" text NOT NULL,
	"user_id" uuid,
	"redirect_uri" text NOT NULL,
	"sealed_secrets" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "authorizations_expire_later" CHECK ("auth"."authorizations"."expires_at" > "auth"."authorizations"."created_at")
);
--> statement-breakpoint
CREATE TABLE "auth"."identities" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"subject" text NOT NULL,
	"email" text NOT NULL,
	"sealed_refresh_token" text,
	"created_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "identities_subject_not_empty" CHECK ("auth"."identities"."subject" <> '')
);
--> statement-breakpoint
ALTER TABLE "auth"."sessions" DROP CONSTRAINT "sessions_reason_known";--> statement-breakpoint
ALTER TABLE "auth"."users" ALTER COLUMN "password_hash" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."api_keys" ADD CONSTRAINT "api_keys_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."authorizations" ADD CONSTRAINT "authorizations_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."identities" ADD CONSTRAINT "identities_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_slot_key" ON "auth"."api_keys" USING btree ("user_id","slot");--> statement-breakpoint
CREATE INDEX "api_keys_revoked_idx" ON "auth"."api_keys" USING btree ("revoked_at") WHERE "auth"."api_keys"."revoked_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "api_keys_expires_idx" ON "auth"."api_keys" USING btree ("expires_at") WHERE "auth"."api_keys"."expires_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "authorizations_user_idx" ON "auth"."authorizations" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "authorizations_expires_idx" ON "auth"."authorizations" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "identities_subject_key" ON "auth"."identities" USING btree ("provider","subject");--> statement-breakpoint
CREATE UNIQUE INDEX "identities_user_key" ON "auth"."identities" USING btree ("user_id","provider");--> statement-breakpoint
CREATE INDEX "sessions_expires_idx" ON "auth"."sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "tokens_expires_idx" ON "auth"."tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "dead_letters_notes_idx" ON "events"."dead_letters" USING btree (("body" #>> '{event,data,userId}')) WHERE "events"."dead_letters"."event_type" = 'alert.triggered' AND "events"."dead_letters"."body" #>> '{event,data,note}' IS NOT NULL;--> statement-breakpoint
CREATE INDEX "log_notes_idx" ON "events"."log" USING btree (("data"->>'userId')) WHERE "events"."log"."type" = 'alert.triggered' AND "events"."log"."data"->>'note' IS NOT NULL;--> statement-breakpoint
CREATE INDEX "deliveries_at_idx" ON "notifications"."deliveries" USING btree ("at");--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD CONSTRAINT "sessions_reason_known" CHECK ("auth"."sessions"."revoked_reason" IN ('logout', 'revoked', 'ban', 'refresh_token_reuse', 'password_reset', 'password_change', 'deactivation', 'deletion', 'role_changed'));