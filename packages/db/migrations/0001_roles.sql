-- One role per service: its own schema, and insert on events.log. Passwords are set apart, never in a migration.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
--> statement-breakpoint
DO $$ BEGIN CREATE ROLE svc_auth LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
--> statement-breakpoint
ALTER ROLE svc_auth CONNECTION LIMIT 60;
--> statement-breakpoint
ALTER ROLE svc_auth SET statement_timeout = '8s';
--> statement-breakpoint
ALTER ROLE svc_auth SET idle_in_transaction_session_timeout = '10s';
--> statement-breakpoint
GRANT USAGE ON SCHEMA auth TO svc_auth;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA auth TO svc_auth;
--> statement-breakpoint
ALTER DEFAULT PRIVILEGES IN SCHEMA auth GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO svc_auth;
--> statement-breakpoint
GRANT USAGE ON SCHEMA events TO svc_auth;
--> statement-breakpoint
GRANT INSERT ON events.log TO svc_auth;
--> statement-breakpoint
DO $$ BEGIN CREATE ROLE svc_users LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
--> statement-breakpoint
ALTER ROLE svc_users CONNECTION LIMIT 60;
--> statement-breakpoint
ALTER ROLE svc_users SET statement_timeout = '8s';
--> statement-breakpoint
ALTER ROLE svc_users SET idle_in_transaction_session_timeout = '10s';
--> statement-breakpoint
GRANT USAGE ON SCHEMA users TO svc_users;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA users TO svc_users;
--> statement-breakpoint
ALTER DEFAULT PRIVILEGES IN SCHEMA users GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO svc_users;
--> statement-breakpoint
GRANT USAGE ON SCHEMA events TO svc_users;
--> statement-breakpoint
GRANT INSERT ON events.log TO svc_users;
--> statement-breakpoint
DO $$ BEGIN CREATE ROLE svc_alerts LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
--> statement-breakpoint
ALTER ROLE svc_alerts CONNECTION LIMIT 60;
--> statement-breakpoint
ALTER ROLE svc_alerts SET statement_timeout = '8s';
--> statement-breakpoint
ALTER ROLE svc_alerts SET idle_in_transaction_session_timeout = '10s';
--> statement-breakpoint
GRANT USAGE ON SCHEMA alerts TO svc_alerts;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA alerts TO svc_alerts;
--> statement-breakpoint
ALTER DEFAULT PRIVILEGES IN SCHEMA alerts GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO svc_alerts;
--> statement-breakpoint
GRANT USAGE ON SCHEMA events TO svc_alerts;
--> statement-breakpoint
GRANT INSERT ON events.log TO svc_alerts;
--> statement-breakpoint
DO $$ BEGIN CREATE ROLE svc_notifications LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
--> statement-breakpoint
ALTER ROLE svc_notifications CONNECTION LIMIT 60;
--> statement-breakpoint
ALTER ROLE svc_notifications SET statement_timeout = '8s';
--> statement-breakpoint
ALTER ROLE svc_notifications SET idle_in_transaction_session_timeout = '10s';
--> statement-breakpoint
GRANT USAGE ON SCHEMA notifications TO svc_notifications;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA notifications TO svc_notifications;
--> statement-breakpoint
ALTER DEFAULT PRIVILEGES IN SCHEMA notifications GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO svc_notifications;
--> statement-breakpoint
GRANT USAGE ON SCHEMA events TO svc_notifications;
--> statement-breakpoint
GRANT INSERT ON events.log TO svc_notifications;
--> statement-breakpoint
DO $$ BEGIN CREATE ROLE svc_email LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
--> statement-breakpoint
ALTER ROLE svc_email CONNECTION LIMIT 60;
--> statement-breakpoint
ALTER ROLE svc_email SET statement_timeout = '8s';
--> statement-breakpoint
ALTER ROLE svc_email SET idle_in_transaction_session_timeout = '10s';
--> statement-breakpoint
GRANT USAGE ON SCHEMA email TO svc_email;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA email TO svc_email;
--> statement-breakpoint
ALTER DEFAULT PRIVILEGES IN SCHEMA email GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO svc_email;
--> statement-breakpoint
GRANT USAGE ON SCHEMA events TO svc_email;
--> statement-breakpoint
GRANT INSERT ON events.log TO svc_email;
--> statement-breakpoint
DO $$ BEGIN CREATE ROLE svc_events LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
--> statement-breakpoint
ALTER ROLE svc_events CONNECTION LIMIT 60;
--> statement-breakpoint
ALTER ROLE svc_events SET statement_timeout = '8s';
--> statement-breakpoint
ALTER ROLE svc_events SET idle_in_transaction_session_timeout = '10s';
--> statement-breakpoint
GRANT USAGE ON SCHEMA events TO svc_events;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA events TO svc_events;
--> statement-breakpoint
ALTER DEFAULT PRIVILEGES IN SCHEMA events GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO svc_events;
