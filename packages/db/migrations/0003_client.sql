CREATE TABLE "alerts"."idempotency_keys" (
	"caller_id" uuid NOT NULL,
	"route" text NOT NULL,
	"key" text NOT NULL,
	"fingerprint" text NOT NULL,
	"answer" jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_pk" PRIMARY KEY("caller_id","route","key")
);
--> statement-breakpoint
CREATE INDEX "idempotency_keys_created_idx" ON "alerts"."idempotency_keys" USING btree ("created_at");