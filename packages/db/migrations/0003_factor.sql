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
ALTER TABLE "auth"."tokens" DROP CONSTRAINT "tokens_type_known";--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD COLUMN "second_factor_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "auth"."login_challenges" ADD CONSTRAINT "login_challenges_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."recovery_codes" ADD CONSTRAINT "recovery_codes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."totp_factors" ADD CONSTRAINT "totp_factors_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."trusted_devices" ADD CONSTRAINT "trusted_devices_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "account_attempts_last_idx" ON "auth"."account_attempts" USING btree ("last_at");--> statement-breakpoint
CREATE INDEX "address_attempts_last_idx" ON "auth"."address_attempts" USING btree ("last_at");--> statement-breakpoint
CREATE UNIQUE INDEX "login_challenges_hash_key" ON "auth"."login_challenges" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "login_challenges_user_idx" ON "auth"."login_challenges" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "login_challenges_expires_idx" ON "auth"."login_challenges" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "totp_factors_user_key" ON "auth"."totp_factors" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "trusted_devices_hash_key" ON "auth"."trusted_devices" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "trusted_devices_user_idx" ON "auth"."trusted_devices" USING btree ("user_id","created_at");--> statement-breakpoint
CREATE INDEX "trusted_devices_expires_idx" ON "auth"."trusted_devices" USING btree ("expires_at");--> statement-breakpoint
ALTER TABLE "auth"."tokens" ADD CONSTRAINT "tokens_type_known" CHECK ("auth"."tokens"."type" IN ('verify_email', 'reset_password', 'unlock_account'));