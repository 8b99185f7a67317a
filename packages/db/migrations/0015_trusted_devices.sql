DROP INDEX "auth"."trusted_devices_user_idx";--> statement-breakpoint
CREATE INDEX "trusted_devices_user_idx" ON "auth"."trusted_devices" USING btree ("user_id","id");