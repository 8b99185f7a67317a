/** The services that own a Postgres schema; each logs in by its own role and sees no other's tables. */
export const SERVICES = ["auth", "users", "alerts", "notifications", "email", "events", "chat"] as const;
export type Service = (typeof SERVICES)[number];

/** The Postgres role by which a service logs in. */
export const roleOf = (service: Service): string => `svc_${service}`;
