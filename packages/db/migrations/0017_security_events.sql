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
	CONSTRAINT "security_events_type_known" CHECK ("auth"."security_events"."type" IN ('session.opened', 'session.revoked', 'sign_in.failed', 'second_factor.failed', 'account.locked', 'account.unlocked', 'password.changed', 'address.change_requested', 'address.changed', 'second_factor.enabled', 'second_factor.disabled', 'recovery_code.used', 'recovery_codes.renewed', 'trusted_device.added', 'trusted_device.removed', 'api_key.created', 'api_key.rolled', 'api_key.revoked', 'identity.linked', 'identity.unlinked', 'user.banned', 'user.unbanned', 'role.granted', 'person.export_requested', 'account.deactivated', 'account.deletion_requested', 'account.returned')),
	CONSTRAINT "security_events_count_not_negative" CHECK ("auth"."security_events"."count" >= 0),
	CONSTRAINT "security_events_attempts_by_network" CHECK (("auth"."security_events"."hour" IS NULL) = ("auth"."security_events"."network" IS NULL))
);
--> statement-breakpoint
ALTER TABLE "auth"."login_challenges" ADD COLUMN "provider" text;--> statement-breakpoint
ALTER TABLE "auth"."security_events" ADD CONSTRAINT "security_events_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "security_events_user_idx" ON "auth"."security_events" USING btree ("user_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "security_events_attempts_key" ON "auth"."security_events" USING btree ("user_id","type","network","hour") WHERE "auth"."security_events"."hour" IS NOT NULL;