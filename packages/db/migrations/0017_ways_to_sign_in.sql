CREATE TABLE "auth"."mail_sign_ins" (
	"id" uuid PRIMARY KEY NOT NULL,
	"flow_hash" text NOT NULL,
	"account" text NOT NULL,
	"user_id" uuid,
	"mail_id" uuid,
	"tries" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "mail_sign_ins_tries_bounded" CHECK ("auth"."mail_sign_ins"."tries" BETWEEN 0 AND 5),
	CONSTRAINT "mail_sign_ins_expire_later" CHECK ("auth"."mail_sign_ins"."expires_at" > "auth"."mail_sign_ins"."created_at"),
	CONSTRAINT "mail_sign_ins_mail_has_receiver" CHECK ("auth"."mail_sign_ins"."mail_id" IS NULL OR "auth"."mail_sign_ins"."user_id" IS NOT NULL)
);
--> statement-breakpoint
CREATE TABLE "auth"."passkey_challenges" (
	"hash" text PRIMARY KEY NOT NULL,
	"user_id" uuid,
	"user_handle" text,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "passkey_challenges_handle_of_a_person" CHECK (("auth"."passkey_challenges"."user_id" IS NULL) = ("auth"."passkey_challenges"."user_handle" IS NULL)),
	CONSTRAINT "passkey_challenges_expire_later" CHECK ("auth"."passkey_challenges"."expires_at" > "auth"."passkey_challenges"."created_at")
);
--> statement-breakpoint
CREATE TABLE "auth"."passkeys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"slot" integer NOT NULL,
	"name" text NOT NULL,
	"credential_id" text NOT NULL,
	"user_handle" text NOT NULL,
	"public_key" text NOT NULL,
	"counter" bigint NOT NULL,
	"transports" text[] NOT NULL,
	"backed_up" boolean NOT NULL,
	"aaguid" uuid NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "passkeys_slot_known" CHECK ("auth"."passkeys"."slot" BETWEEN 1 AND 10),
	CONSTRAINT "passkeys_name_short" CHECK (char_length("auth"."passkeys"."name") BETWEEN 1 AND 100),
	CONSTRAINT "passkeys_counter_32_bits" CHECK ("auth"."passkeys"."counter" BETWEEN 0 AND 4294967295)
);
--> statement-breakpoint
CREATE TABLE "auth"."security_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"type" text NOT NULL,
	"device" text,
	"ip" text,
	"details" jsonb NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"count" integer DEFAULT 1 NOT NULL,
	"network" text,
	"hour" timestamp with time zone,
	CONSTRAINT "security_events_type_known" CHECK ("auth"."security_events"."type" IN ('session.opened', 'session.revoked', 'impersonation.started', 'sign_in.failed', 'second_factor.failed', 'account.locked', 'account.unlocked', 'password.changed', 'address.change_requested', 'address.changed', 'second_factor.enabled', 'second_factor.disabled', 'recovery_code.used', 'recovery_codes.renewed', 'trusted_device.added', 'trusted_device.removed', 'api_key.created', 'api_key.rolled', 'api_key.revoked', 'identity.linked', 'identity.unlinked', 'passkey.added', 'passkey.removed', 'user.banned', 'user.unbanned', 'role.granted', 'person.export_requested', 'account.deactivated', 'account.deletion_requested', 'account.returned')),
	CONSTRAINT "security_events_count_not_negative" CHECK ("auth"."security_events"."count" >= 0),
	CONSTRAINT "security_events_attempts_by_network" CHECK (("auth"."security_events"."hour" IS NULL) = ("auth"."security_events"."network" IS NULL))
);
--> statement-breakpoint
ALTER TABLE "auth"."mail_requests" DROP CONSTRAINT "mail_requests_purpose_known";--> statement-breakpoint
ALTER TABLE "auth"."sessions" DROP CONSTRAINT "sessions_reason_known";--> statement-breakpoint
ALTER TABLE "auth"."login_challenges" ADD COLUMN "way" jsonb DEFAULT '{"method":"password"}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD COLUMN "impersonator_id" uuid;--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD COLUMN "impersonator_session_id" uuid;--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD COLUMN "impersonation_reason" text;--> statement-breakpoint
ALTER TABLE "events"."log" ADD COLUMN "impersonated_by" uuid;--> statement-breakpoint
ALTER TABLE "auth"."mail_sign_ins" ADD CONSTRAINT "mail_sign_ins_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."passkey_challenges" ADD CONSTRAINT "passkey_challenges_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."passkeys" ADD CONSTRAINT "passkeys_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."security_events" ADD CONSTRAINT "security_events_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "mail_sign_ins_flow_key" ON "auth"."mail_sign_ins" USING btree ("flow_hash");--> statement-breakpoint
CREATE INDEX "mail_sign_ins_user_idx" ON "auth"."mail_sign_ins" USING btree ("user_id","created_at");--> statement-breakpoint
CREATE INDEX "mail_sign_ins_expires_idx" ON "auth"."mail_sign_ins" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "passkey_challenges_user_idx" ON "auth"."passkey_challenges" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "passkey_challenges_expires_idx" ON "auth"."passkey_challenges" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "passkeys_slot_key" ON "auth"."passkeys" USING btree ("user_id","slot");--> statement-breakpoint
CREATE UNIQUE INDEX "passkeys_credential_key" ON "auth"."passkeys" USING btree ("credential_id");--> statement-breakpoint
CREATE INDEX "security_events_user_idx" ON "auth"."security_events" USING btree ("user_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "security_events_attempts_key" ON "auth"."security_events" USING btree ("user_id","type","network","hour") WHERE "auth"."security_events"."hour" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "sessions_impersonations_idx" ON "auth"."sessions" USING btree ("id") WHERE "auth"."sessions"."impersonator_id" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "sessions_impersonator_idx" ON "auth"."sessions" USING btree ("impersonator_session_id") WHERE "auth"."sessions"."impersonator_session_id" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."mail_requests" ADD CONSTRAINT "mail_requests_purpose_known" CHECK ("auth"."mail_requests"."purpose" IN ('verification', 'password_reset', 'repeated_registration', 'sign_in'));--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD CONSTRAINT "sessions_impersonated_for_a_reason" CHECK (("auth"."sessions"."impersonator_id" IS NULL) = ("auth"."sessions"."impersonation_reason" IS NULL)
        AND ("auth"."sessions"."impersonator_id" IS NULL) = ("auth"."sessions"."impersonator_session_id" IS NULL));--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD CONSTRAINT "sessions_reason_known" CHECK ("auth"."sessions"."revoked_reason" IN ('logout', 'revoked', 'ban', 'refresh_token_reuse', 'password_reset', 'password_change', 'deactivation', 'deletion', 'role_changed', 'identity_unlinked', 'passkey_removed'));