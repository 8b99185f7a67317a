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
ALTER TABLE "auth"."mail_requests" DROP CONSTRAINT "mail_requests_purpose_known";--> statement-breakpoint
ALTER TABLE "auth"."mail_sign_ins" ADD CONSTRAINT "mail_sign_ins_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "mail_sign_ins_flow_key" ON "auth"."mail_sign_ins" USING btree ("flow_hash");--> statement-breakpoint
CREATE INDEX "mail_sign_ins_user_idx" ON "auth"."mail_sign_ins" USING btree ("user_id","created_at");--> statement-breakpoint
CREATE INDEX "mail_sign_ins_expires_idx" ON "auth"."mail_sign_ins" USING btree ("expires_at");--> statement-breakpoint
ALTER TABLE "auth"."mail_requests" ADD CONSTRAINT "mail_requests_purpose_known" CHECK ("auth"."mail_requests"."purpose" IN ('verification', 'password_reset', 'repeated_registration', 'sign_in'));