DROP INDEX "alerts"."alert_history_alert_idx";--> statement-breakpoint
DROP INDEX "events"."log_aggregate_idx";--> statement-breakpoint
-- drizzle-kit does not know the old key's name.
ALTER TABLE "alerts"."alert_history" DROP CONSTRAINT "alert_history_pkey";--> statement-breakpoint
ALTER TABLE "alerts"."alert_history" ADD CONSTRAINT "alert_history_alert_id_id_pk" PRIMARY KEY("alert_id","id");
