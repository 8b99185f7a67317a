CREATE SCHEMA "alerts";
--> statement-breakpoint
CREATE SCHEMA "auth";
--> statement-breakpoint
CREATE SCHEMA "email";
--> statement-breakpoint
CREATE SCHEMA "events";
--> statement-breakpoint
CREATE SCHEMA "notifications";
--> statement-breakpoint
CREATE SCHEMA "users";
--> statement-breakpoint
CREATE TABLE "alerts"."alert_history" (
	"id" uuid PRIMARY KEY NOT NULL,
	"alert_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"price_history_id" uuid NOT NULL,
	"triggered_at" timestamp with time zone NOT NULL,
	"value" numeric NOT NULL,
	"previous_value" numeric,
	"threshold" numeric NOT NULL,
	"unit" text NOT NULL,
	"karat" integer NOT NULL,
	"quoted_at" timestamp with time zone NOT NULL,
	"sources" integer NOT NULL,
	CONSTRAINT "alert_history_once" UNIQUE("alert_id","price_history_id")
);
--> statement-breakpoint
CREATE TABLE "alerts"."alerts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"client_id" text,
	"metal" text NOT NULL,
	"currency" text NOT NULL,
	"alert_type" text NOT NULL,
	"threshold" numeric NOT NULL,
	"unit" text NOT NULL,
	"karat" integer NOT NULL,
	"mode" text NOT NULL,
	"hysteresis_percent" numeric NOT NULL,
	"cooldown_seconds" integer NOT NULL,
	"start" text NOT NULL,
	"note" text,
	"active" boolean NOT NULL,
	"state" text NOT NULL,
	"after_quoted_at" timestamp with time zone,
	"threshold_toz" numeric GENERATED ALWAYS AS (round(threshold * 31.1034768 * 24, 20) / (CASE unit WHEN 'toz' THEN 31.1034768 WHEN 'g' THEN 1 WHEN 'kg' THEN 1000 WHEN 'tola' THEN 11.6638038 END * karat)) STORED NOT NULL,
	"rearm_toz" numeric GENERATED ALWAYS AS (round(threshold * 31.1034768 * 24, 20) / (CASE unit WHEN 'toz' THEN 31.1034768 WHEN 'g' THEN 1 WHEN 'kg' THEN 1000 WHEN 'tola' THEN 11.6638038 END * karat) * (CASE alert_type WHEN 'above' THEN 100 - hysteresis_percent ELSE 100 + hysteresis_percent END) / 100) STORED NOT NULL,
	"last_triggered_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "alerts_known_metal" CHECK ("alerts"."alerts"."metal" IN ('XAU', 'XAG', 'XPT', 'XPD')),
	CONSTRAINT "alerts_known_type" CHECK ("alerts"."alerts"."alert_type" IN ('above', 'below')),
	CONSTRAINT "alerts_known_unit" CHECK ("alerts"."alerts"."unit" IN ('toz', 'g', 'kg', 'tola')),
	CONSTRAINT "alerts_known_karat" CHECK ("alerts"."alerts"."karat" IN (24, 22, 21, 18, 14)),
	CONSTRAINT "alerts_karat_is_of_gold" CHECK ("alerts"."alerts"."metal" = 'XAU' OR "alerts"."alerts"."karat" = 24),
	CONSTRAINT "alerts_known_mode" CHECK ("alerts"."alerts"."mode" IN ('one_shot', 'recurring')),
	CONSTRAINT "alerts_known_start" CHECK ("alerts"."alerts"."start" IN ('now', 'crossing')),
	CONSTRAINT "alerts_known_state" CHECK ("alerts"."alerts"."state" IN ('armed', 'waiting', 'done')),
	CONSTRAINT "alerts_done_is_inactive" CHECK ("alerts"."alerts"."state" <> 'done' OR NOT "alerts"."alerts"."active"),
	CONSTRAINT "alerts_threshold_positive" CHECK ("alerts"."alerts"."threshold" > 0),
	CONSTRAINT "alerts_hysteresis_percent" CHECK ("alerts"."alerts"."hysteresis_percent" >= 0 AND "alerts"."alerts"."hysteresis_percent" <= 50),
	CONSTRAINT "alerts_cooldown" CHECK ("alerts"."alerts"."cooldown_seconds" >= 0)
);
--> statement-breakpoint
CREATE TABLE "alerts"."exchanges" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"region" text NOT NULL,
	"api_url" text NOT NULL,
	"every_minutes" integer NOT NULL,
	"polled_at" timestamp with time zone NOT NULL,
	"answered_at" timestamp with time zone,
	"failure" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "exchanges_name_key" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "alerts"."price_history" (
	"id" uuid PRIMARY KEY NOT NULL,
	"price_id" uuid NOT NULL,
	"bucket" timestamp with time zone NOT NULL,
	"old_value" numeric,
	"new_value" numeric NOT NULL,
	"bid" numeric,
	"ask" numeric,
	"sources" integer NOT NULL,
	"quoted_at" timestamp with time zone NOT NULL,
	"fetched_at" timestamp with time zone NOT NULL,
	"changed_at" timestamp with time zone NOT NULL,
	"late" boolean NOT NULL,
	"evaluated_at" timestamp with time zone,
	CONSTRAINT "price_history_bucket_key" UNIQUE("price_id","bucket"),
	CONSTRAINT "price_history_positive" CHECK ("alerts"."price_history"."new_value" > 0)
);
--> statement-breakpoint
CREATE TABLE "alerts"."prices" (
	"id" uuid PRIMARY KEY NOT NULL,
	"metal" text NOT NULL,
	"gold_weight" text DEFAULT 'toz' NOT NULL,
	"currency" text NOT NULL,
	"price" numeric NOT NULL,
	"bid" numeric,
	"ask" numeric,
	"change" numeric,
	"sources" integer NOT NULL,
	"quoted_at" timestamp with time zone NOT NULL,
	"fetched_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "prices_metal_currency_key" UNIQUE("metal","currency"),
	CONSTRAINT "prices_per_ounce" CHECK ("alerts"."prices"."gold_weight" = 'toz'),
	CONSTRAINT "prices_known_metal" CHECK ("alerts"."prices"."metal" IN ('XAU', 'XAG', 'XPT', 'XPD')),
	CONSTRAINT "prices_positive" CHECK ("alerts"."prices"."price" > 0 AND ("alerts"."prices"."bid" IS NULL OR "alerts"."prices"."bid" > 0) AND "alerts"."prices"."sources" > 0),
	CONSTRAINT "prices_spread" CHECK (("alerts"."prices"."bid" IS NULL) = ("alerts"."prices"."ask" IS NULL) AND "alerts"."prices"."bid" <= "alerts"."prices"."ask")
);
--> statement-breakpoint
CREATE TABLE "alerts"."quotes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"exchange_id" uuid NOT NULL,
	"metal" text NOT NULL,
	"currency" text NOT NULL,
	"bucket" timestamp with time zone NOT NULL,
	"price" numeric NOT NULL,
	"bid" numeric,
	"ask" numeric,
	"quoted_at" timestamp with time zone NOT NULL,
	"fetched_at" timestamp with time zone NOT NULL,
	"accepted" boolean NOT NULL,
	"reason" text,
	CONSTRAINT "quotes_source_bucket_key" UNIQUE("exchange_id","metal","currency","bucket"),
	CONSTRAINT "quotes_reason_if_refused" CHECK ("alerts"."quotes"."accepted" = ("alerts"."quotes"."reason" IS NULL)),
	CONSTRAINT "quotes_accepted_positive" CHECK (NOT "alerts"."quotes"."accepted" OR "alerts"."quotes"."price" > 0)
);
--> statement-breakpoint
CREATE TABLE "auth"."mail_requests" (
	"user_id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	CONSTRAINT "mail_requests_user_id_purpose_pk" PRIMARY KEY("user_id","purpose"),
	CONSTRAINT "mail_requests_purpose_known" CHECK ("auth"."mail_requests"."purpose" IN ('verification', 'password_reset', 'repeated_registration'))
);
--> statement-breakpoint
CREATE TABLE "auth"."sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"counter" integer DEFAULT 0 NOT NULL,
	"user_agent" text,
	"ip" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"refreshed_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"revoked_reason" text,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sessions_counter_not_negative" CHECK ("auth"."sessions"."counter" >= 0),
	CONSTRAINT "sessions_expire_later" CHECK ("auth"."sessions"."expires_at" > "auth"."sessions"."created_at"),
	CONSTRAINT "sessions_revoked_with_reason" CHECK (("auth"."sessions"."revoked_at" IS NULL) = ("auth"."sessions"."revoked_reason" IS NULL)),
	CONSTRAINT "sessions_reason_known" CHECK ("auth"."sessions"."revoked_reason" IN ('logout', 'refresh_token_reuse', 'password_reset', 'password_change'))
);
--> statement-breakpoint
CREATE TABLE "auth"."tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"type" text NOT NULL,
	"hash" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tokens_type_known" CHECK ("auth"."tokens"."type" IN ('verify_email', 'reset_password')),
	CONSTRAINT "tokens_expire_later" CHECK ("auth"."tokens"."expires_at" > "auth"."tokens"."created_at")
);
--> statement-breakpoint
CREATE TABLE "auth"."users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"password_hash" text NOT NULL,
	"password_version" integer DEFAULT 1 NOT NULL,
	"first_name" text NOT NULL,
	"last_name" text NOT NULL,
	"role" text DEFAULT 'user' NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"verified_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_email_normal" CHECK ("auth"."users"."email" = lower(btrim("auth"."users"."email"))),
	CONSTRAINT "users_password_hash_known" CHECK ("auth"."users"."password_hash" ~ '^\$(scrypt|2[ab])\$'),
	CONSTRAINT "users_role_known" CHECK ("auth"."users"."role" IN ('user', 'admin')),
	CONSTRAINT "users_status_known" CHECK ("auth"."users"."status" IN ('pending', 'active')),
	CONSTRAINT "users_active_is_verified" CHECK (("auth"."users"."status" = 'active') = ("auth"."users"."verified_at" IS NOT NULL))
);
--> statement-breakpoint
CREATE TABLE "email"."email_attempts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email_id" uuid NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"outcome" text,
	"response_code" integer,
	"error_code" text,
	"error_text" text,
	CONSTRAINT "email_attempts_outcome_check" CHECK ("email"."email_attempts"."outcome" IN ('sent', 'refused', 'deferred', 'uncertain', 'lost'))
);
--> statement-breakpoint
CREATE TABLE "email"."email_logs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"event_id" uuid NOT NULL,
	"template" text NOT NULL,
	"template_version" integer,
	"user_id" uuid NOT NULL,
	"recipient" text,
	"subject" text,
	"message_id" text NOT NULL,
	"status" text NOT NULL,
	"permanent" boolean DEFAULT false NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"claimed_until" timestamp with time zone,
	"sent_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "email_logs_event_template_key" UNIQUE("event_id","template"),
	CONSTRAINT "email_logs_status_check" CHECK ("email"."email_logs"."status" IN ('claimed', 'sent', 'failed', 'uncertain', 'suppressed', 'skipped')),
	CONSTRAINT "email_logs_sent_check" CHECK (("email"."email_logs"."status" = 'sent') = ("email"."email_logs"."sent_at" IS NOT NULL))
);
--> statement-breakpoint
CREATE TABLE "email"."email_templates" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"version" integer NOT NULL,
	"subject" text NOT NULL,
	"html" text NOT NULL,
	"text" text NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "email_templates_name_version_key" UNIQUE("name","version"),
	CONSTRAINT "email_templates_version_check" CHECK ("email"."email_templates"."version" > 1)
);
--> statement-breakpoint
CREATE TABLE "events"."dead_letters" (
	"id" uuid PRIMARY KEY NOT NULL,
	"subscriber" text,
	"event_id" uuid,
	"event_type" text,
	"reason" text NOT NULL,
	"attempts" integer NOT NULL,
	"body" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"replayed_at" timestamp with time zone,
	"replayed_by" text
);
--> statement-breakpoint
CREATE TABLE "events"."log" (
	"id" uuid PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"version" integer NOT NULL,
	"source" text NOT NULL,
	"aggregate_id" text NOT NULL,
	"data" jsonb NOT NULL,
	"traceparent" text,
	"occurred_at" timestamp with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"claimed_until" timestamp with time zone,
	"sent_at" timestamp with time zone,
	CONSTRAINT "log_data_at_most_32_kb" CHECK (octet_length("events"."log"."data"::text) <= 32768)
);
--> statement-breakpoint
CREATE TABLE "events"."replays" (
	"id" uuid PRIMARY KEY NOT NULL,
	"subscriber" text NOT NULL,
	"types" jsonb,
	"from_time" timestamp with time zone NOT NULL,
	"to_time" timestamp with time zone NOT NULL,
	"requested_by" text NOT NULL,
	"sent" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notifications"."deliveries" (
	"event_id" uuid NOT NULL,
	"channel" text NOT NULL,
	"user_id" uuid NOT NULL,
	"status" text NOT NULL,
	"reason" text,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "deliveries_event_id_channel_pk" PRIMARY KEY("event_id","channel")
);
--> statement-breakpoint
CREATE TABLE "notifications"."inbox" (
	"event_id" uuid PRIMARY KEY NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notifications"."notification_preferences" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"email" boolean DEFAULT true NOT NULL,
	"in_app" boolean DEFAULT true NOT NULL,
	"push" boolean DEFAULT true NOT NULL,
	"muted" boolean DEFAULT false NOT NULL,
	"muted_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "notification_preferences_user_id_unique" UNIQUE("user_id")
);
--> statement-breakpoint
CREATE TABLE "notifications"."notifications" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"type" text NOT NULL,
	"title" text NOT NULL,
	"message" text NOT NULL,
	"data" jsonb NOT NULL,
	"read_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "notifications_user_event_key" UNIQUE("user_id","event_id")
);
--> statement-breakpoint
CREATE TABLE "users"."preferences" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"notifications" boolean DEFAULT true NOT NULL,
	"theme" text DEFAULT 'system' NOT NULL,
	"language" text DEFAULT 'en' NOT NULL,
	"time_zone" text DEFAULT 'UTC' NOT NULL,
	"currency" text DEFAULT 'USD' NOT NULL,
	"weight_unit" text DEFAULT 'toz' NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "preferences_user_id_unique" UNIQUE("user_id")
);
--> statement-breakpoint
CREATE TABLE "users"."profiles" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"first_name" text NOT NULL,
	"last_name" text NOT NULL,
	"display_name" text,
	"avatar_url" text,
	"bio" text,
	"location" text,
	"website" text,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "profiles_user_id_unique" UNIQUE("user_id")
);
--> statement-breakpoint
ALTER TABLE "alerts"."alert_history" ADD CONSTRAINT "alert_history_price_history_id_price_history_id_fk" FOREIGN KEY ("price_history_id") REFERENCES "alerts"."price_history"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alerts"."alert_history" ADD CONSTRAINT "alert_history_alert_fk" FOREIGN KEY ("alert_id") REFERENCES "alerts"."alerts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alerts"."price_history" ADD CONSTRAINT "price_history_price_id_prices_id_fk" FOREIGN KEY ("price_id") REFERENCES "alerts"."prices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alerts"."quotes" ADD CONSTRAINT "quotes_exchange_id_exchanges_id_fk" FOREIGN KEY ("exchange_id") REFERENCES "alerts"."exchanges"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."mail_requests" ADD CONSTRAINT "mail_requests_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."tokens" ADD CONSTRAINT "tokens_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "email"."email_attempts" ADD CONSTRAINT "email_attempts_email_id_email_logs_id_fk" FOREIGN KEY ("email_id") REFERENCES "email"."email_logs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "alert_history_alert_idx" ON "alerts"."alert_history" USING btree ("alert_id","user_id","id" DESC NULLS FIRST);--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_client_id_key" ON "alerts"."alerts" USING btree ("user_id","client_id") WHERE "alerts"."alerts"."client_id" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "alerts_user_idx" ON "alerts"."alerts" USING btree ("user_id","id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "alerts_armed_idx" ON "alerts"."alerts" USING btree ("metal","currency","alert_type","threshold_toz") WHERE "alerts"."alerts"."state" = 'armed' AND "alerts"."alerts"."active";--> statement-breakpoint
CREATE INDEX "alerts_waiting_idx" ON "alerts"."alerts" USING btree ("metal","currency","alert_type","rearm_toz") WHERE "alerts"."alerts"."state" = 'waiting' AND "alerts"."alerts"."active";--> statement-breakpoint
CREATE INDEX "price_history_quoted_idx" ON "alerts"."price_history" USING btree ("price_id","quoted_at","id");--> statement-breakpoint
CREATE INDEX "price_history_pending_idx" ON "alerts"."price_history" USING btree ("quoted_at","id") WHERE "alerts"."price_history"."evaluated_at" IS NULL AND NOT "alerts"."price_history"."late";--> statement-breakpoint
CREATE INDEX "sessions_user_idx" ON "auth"."sessions" USING btree ("user_id") WHERE "auth"."sessions"."revoked_at" IS NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "tokens_hash_key" ON "auth"."tokens" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "tokens_user_idx" ON "auth"."tokens" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "auth"."users" USING btree (lower("email"));--> statement-breakpoint
CREATE INDEX "email_attempts_email_idx" ON "email"."email_attempts" USING btree ("email_id","started_at");--> statement-breakpoint
CREATE INDEX "email_logs_user_idx" ON "email"."email_logs" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "email_logs_status_idx" ON "email"."email_logs" USING btree ("status","id");--> statement-breakpoint
CREATE INDEX "dead_letters_open_idx" ON "events"."dead_letters" USING btree ("id") WHERE "events"."dead_letters"."replayed_at" IS NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "dead_letters_once_idx" ON "events"."dead_letters" USING btree (coalesce("subscriber", ''),coalesce("event_id"::text, md5("body"::text))) WHERE "events"."dead_letters"."replayed_at" IS NULL;--> statement-breakpoint
CREATE INDEX "log_unsent_idx" ON "events"."log" USING btree ("created_at","id") WHERE "events"."log"."sent_at" IS NULL;--> statement-breakpoint
CREATE INDEX "log_replay_idx" ON "events"."log" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "log_aggregate_idx" ON "events"."log" USING btree ("aggregate_id","created_at");--> statement-breakpoint
CREATE INDEX "inbox_received_idx" ON "notifications"."inbox" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "notifications_user_idx" ON "notifications"."notifications" USING btree ("user_id","id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "notifications_unread_idx" ON "notifications"."notifications" USING btree ("user_id","id" DESC NULLS FIRST) WHERE "notifications"."notifications"."read_at" IS NULL;