import type { Client } from "pg";
import type { LocalSecrets } from "../../local/secrets.ts";
import { accessToken } from "../system/tokens.ts";

/** Somebody who may write to everybody else, and the headers that say who it is. */
export interface Chatter {
  id: string;
  headers: Record<string, string>;
}

/** Each comes from an address of their own, as in production, where floods from one address are refused. */
const addressOf = (n: number): string => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;

/** People with a profile and a token. */
export async function seedChatters(client: Client, secrets: LocalSecrets, count: number): Promise<Chatter[]> {
  const ids = Array.from({ length: count }, () => crypto.randomUUID());
  await client.query(
    `INSERT INTO users.profiles (id, user_id, first_name, last_name, created_at, updated_at)
     SELECT gen_random_uuid(), value::uuid, 'Ada', 'Lovelace', now(), now() FROM jsonb_array_elements_text($1::jsonb)`,
    [JSON.stringify(ids)],
  );
  return Promise.all(
    ids.map(async (id, n) => {
      const token = await accessToken(secrets, { id, email: `${id}@souk.test` });
      return {
        id,
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          "cf-connecting-ip": addressOf(n),
        },
      };
    }),
  );
}
