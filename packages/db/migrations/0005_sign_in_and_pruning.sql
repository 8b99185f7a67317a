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
ALTER TABLE "auth"."users" ALTER COLUMN "password_hash" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."authorizations" ADD CONSTRAINT "authorizations_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."identities" ADD CONSTRAINT "identities_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "authorizations_user_idx" ON "auth"."authorizations" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "authorizations_expires_idx" ON "auth"."authorizations" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "identities_subject_key" ON "auth"."identities" USING btree ("provider","subject");--> statement-breakpoint
CREATE UNIQUE INDEX "identities_user_key" ON "auth"."identities" USING btree ("user_id","provider");