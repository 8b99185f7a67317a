import { exports } from "cloudflare:workers";
import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import { uuidv7 } from "@souk/kit/ids";
import { z } from "zod";
import { PersonPage, PublicProfile, Relation, Relations } from "../src/people-schemas.ts";
import { Profile } from "../src/schemas.ts";

const USERS = "/api/v1/users";

/** A request of a stranger. */
export const stranger = (path: string): Promise<Response> =>
  exports.default.fetch(`https://souk.test${path}`, { redirect: "manual" });

/** One person's requests. */
export function person(userId: string = uuidv7(new Date())) {
  const actor = encodeActor({ userId, email: "ada@example.com", role: "user", sessionId: userId });
  const call = (method: string, path: string, body?: unknown): Promise<Response> =>
    exports.default.fetch(`https://souk.test${path}`, {
      method,
      redirect: "manual",
      headers: { [ACTOR_HEADER]: actor, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const list = async (path: string) => PersonPage.parse(await (await call("GET", path)).json());
  return {
    userId,
    call,
    get: (path: string) => call("GET", path),
    put: (path: string, body: unknown) => call("PUT", path, body),
    /** Makes or ends something towards another: `change("POST", "following", bob)`. */
    change: (method: "POST" | "DELETE", what: string, other: { userId: string }, then = "") =>
      call(method, `${USERS}/me/${what}/${other.userId}${then}`),
    profileOf: async (other: { userId: string }) =>
      PublicProfile.parse(await (await call("GET", `${USERS}/${other.userId}`)).json()),
    relationTo: async (other: { userId: string }): Promise<Relation> => {
      const { items } = Relations.parse(
        await (await call("GET", `${USERS}/relations?ids=${other.userId}`)).json(),
      );
      return Relation.parse(items[0]);
    },
    /** The ids of the people on a list. */
    idsOf: async (path: string) => (await list(path)).items.map((item) => item.userId),
    list,
  };
}
export type TestPerson = ReturnType<typeof person>;

/** A person who has a profile, with what else it should tell. */
export async function newPerson(profile: Record<string, unknown> = {}): Promise<TestPerson> {
  const someone = person();
  Profile.parse(await (await someone.put(`${USERS}/me`, profile)).json());
  return someone;
}

/** So many people. */
export const newPeople = (count: number): Promise<TestPerson[]> =>
  Promise.all(Array.from({ length: count }, () => newPerson()));

/** Two people. */
export async function newPair(): Promise<[TestPerson, TestPerson]> {
  return [await newPerson(), await newPerson()];
}

/** Makes two people friends. */
export async function befriend(one: TestPerson, other: TestPerson): Promise<void> {
  await one.change("POST", "friend-requests", other);
  z.literal(200).parse((await other.change("POST", "friend-requests", one, "/accept")).status);
}
