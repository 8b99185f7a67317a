CREATE TABLE "alerts"."presences" (
	"person" text PRIMARY KEY NOT NULL,
	"change" integer NOT NULL,
	"away" boolean NOT NULL
);
--> statement-breakpoint
ALTER TABLE "auth"."sessions" DROP CONSTRAINT "sessions_reason_known";--> statement-breakpoint
DROP INDEX "alerts"."alerts_armed_idx";--> statement-breakpoint
DROP INDEX "alerts"."alerts_waiting_idx";--> statement-breakpoint
ALTER TABLE "auth"."export_parts" DROP CONSTRAINT "export_parts_user_id_service_pk";--> statement-breakpoint
ALTER TABLE "alerts"."alerts" ADD COLUMN "resting" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."export_parts" ADD COLUMN "id" uuid PRIMARY KEY NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."export_parts" ADD COLUMN "table" text NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."export_parts" ADD COLUMN "page" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."export_parts" ADD COLUMN "bytes" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."export_parts" ADD COLUMN "after" jsonb;--> statement-breakpoint
ALTER TABLE "auth"."login_challenges" ADD COLUMN "bucket" text;--> statement-breakpoint
ALTER TABLE "auth"."users" ADD COLUMN "presence_change" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "export_parts_page_key" ON "auth"."export_parts" USING btree ("export_id","service","table","page");--> statement-breakpoint
CREATE INDEX "export_parts_user_idx" ON "auth"."export_parts" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "deliveries_user_idx" ON "notifications"."deliveries" USING btree ("user_id","event_id","channel");--> statement-breakpoint
CREATE INDEX "alerts_armed_idx" ON "alerts"."alerts" USING btree ("metal","currency","alert_type","threshold_toz") WHERE "alerts"."alerts"."state" = 'armed' AND "alerts"."alerts"."active" AND NOT "alerts"."alerts"."resting";--> statement-breakpoint
CREATE INDEX "alerts_waiting_idx" ON "alerts"."alerts" USING btree ("metal","currency","alert_type","rearm_toz") WHERE "alerts"."alerts"."state" = 'waiting' AND "alerts"."alerts"."active" AND NOT "alerts"."alerts"."resting";--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD CONSTRAINT "sessions_reason_known" CHECK ("auth"."sessions"."revoked_reason" IN ('logout', 'revoked', 'ban', 'refresh_token_reuse', 'password_reset', 'password_change', 'deactivation', 'deletion', 'role_changed', 'identity_unlinked'));