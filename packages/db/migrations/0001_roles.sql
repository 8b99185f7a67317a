-- One role per service: its own schema, and insert on events.log. Passwords are set apart, never in a migration.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
--> statement-breakpoint
DO $$
DECLARE service text;
BEGIN
  FOREACH service IN ARRAY ARRAY['auth', 'users', 'alerts', 'notifications', 'email', 'events'] LOOP
    -- Roles belong to the whole cluster: another database may have made it, or be making it now.
    BEGIN
      EXECUTE format('CREATE ROLE svc_%s LOGIN', service);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    EXECUTE format('ALTER ROLE svc_%s CONNECTION LIMIT 60', service);
    EXECUTE format('ALTER ROLE svc_%s SET statement_timeout = %L', service, '8s');
    EXECUTE format('ALTER ROLE svc_%s SET idle_in_transaction_session_timeout = %L', service, '10s');
    EXECUTE format('GRANT USAGE ON SCHEMA %1$s TO svc_%1$s', service);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %1$s TO svc_%1$s', service);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %1$s GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO svc_%1$s', service);
    EXECUTE format('GRANT USAGE ON SCHEMA events TO svc_%s', service);
    EXECUTE format('GRANT INSERT ON events.log TO svc_%s', service);
  END LOOP;
END $$;
