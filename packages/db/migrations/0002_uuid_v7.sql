-- Ids for rows and events that one statement makes by the thousand. RFC 9562, 5.7: 48 bits of Unix milliseconds, version, random.
CREATE FUNCTION events.uuid_v7(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(
    set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send(floor(extract(epoch FROM at) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1),
    'hex')::uuid
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION events.uuid_v7(timestamptz) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION events.uuid_v7(timestamptz) TO svc_auth, svc_users, svc_alerts, svc_notifications, svc_email, svc_events;
