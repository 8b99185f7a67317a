CREATE INDEX "sessions_expires_idx" ON "auth"."sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "tokens_expires_idx" ON "auth"."tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "deliveries_at_idx" ON "notifications"."deliveries" USING btree ("at");