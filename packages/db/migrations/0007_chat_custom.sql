-- The role of chat, as 0001_roles.sql makes those of the others.
DO $$
BEGIN
  BEGIN
    CREATE ROLE svc_chat LOGIN;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
END $$;
--> statement-breakpoint
ALTER ROLE svc_chat CONNECTION LIMIT 60;
--> statement-breakpoint
ALTER ROLE svc_chat SET statement_timeout = '8s';
--> statement-breakpoint
ALTER ROLE svc_chat SET idle_in_transaction_session_timeout = '10s';
--> statement-breakpoint
GRANT USAGE ON SCHEMA chat TO svc_chat;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA chat TO svc_chat;
--> statement-breakpoint
ALTER DEFAULT PRIVILEGES IN SCHEMA chat GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO svc_chat;
--> statement-breakpoint
GRANT USAGE ON SCHEMA events TO svc_chat;
--> statement-breakpoint
GRANT INSERT ON events.log TO svc_chat;
