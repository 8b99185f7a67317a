CREATE TABLE "alerts"."presences" (
	"person" text PRIMARY KEY NOT NULL,
	"change" integer NOT NULL,
	"away" boolean NOT NULL
);
--> statement-breakpoint
DROP INDEX "alerts"."alerts_armed_idx";--> statement-breakpoint
DROP INDEX "alerts"."alerts_waiting_idx";--> statement-breakpoint
ALTER TABLE "alerts"."alerts" ADD COLUMN "resting" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "auth"."users" ADD COLUMN "presence_change" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "alerts_armed_idx" ON "alerts"."alerts" USING btree ("metal","currency","alert_type","threshold_toz") WHERE "alerts"."alerts"."state" = 'armed' AND "alerts"."alerts"."active" AND NOT "alerts"."alerts"."resting";--> statement-breakpoint
CREATE INDEX "alerts_waiting_idx" ON "alerts"."alerts" USING btree ("metal","currency","alert_type","rearm_toz") WHERE "alerts"."alerts"."state" = 'waiting' AND "alerts"."alerts"."active" AND NOT "alerts"."alerts"."resting";