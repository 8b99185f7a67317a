-- Trigram search in a schema of its own: no service may use `public`, and only who searches may use this.
CREATE SCHEMA IF NOT EXISTS extensions;
--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA extensions;
--> statement-breakpoint
GRANT USAGE ON SCHEMA extensions TO svc_users;
--> statement-breakpoint
-- Not in the schema file: what drizzle generates comes before the extension.
CREATE INDEX "profiles_names_trgm_idx" ON "users"."profiles" USING gin ("search_names" extensions.gin_trgm_ops) WHERE "searchable";
