import { sql } from "drizzle-orm";

/** SQL: the account `person` as a JSON object that `Account` parses. */
export const accountJson = sql`jsonb_build_object('id', person.id, 'email', person.email, 'firstName', person.first_name,
  'lastName', person.last_name, 'role', person.role, 'status', person.status)`;
