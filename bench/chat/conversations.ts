import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Chatter } from "./people.ts";

const Begun = z.object({ id: z.uuid() });
const Page = z.object({ items: z.array(z.object({ seq: z.int() })) });
const INVITED_AT_ONCE = 100;
const AT_ONCE = 20;
const PAGE = 100;
const TRIES = 10;

/** A server that is busy with what came before says so, and is asked again. */
async function call(
  url: string,
  person: Chatter,
  method: string,
  body?: object,
  tries = TRIES,
): Promise<unknown> {
  const { headers } = person;
  const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  if (answer.status === 503 && tries > 1) {
    await delay(1_000);
    return call(url, person, method, body, tries - 1);
  }
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** A group of all of them, which the first one begins. Returns its id. */
export async function beginGroup(url: string, people: readonly Chatter[]): Promise<string> {
  const [owner, ...others] = people;
  if (owner === undefined) throw new Error("A group needs somebody");
  const ids = others.map(({ id }) => id);
  const path = `${url}/api/v1/conversations`;
  const { id } = Begun.parse(
    await call(path, owner, "POST", {
      kind: "group",
      title: "Gold",
      userIds: ids.slice(0, INVITED_AT_ONCE),
    }),
  );
  for (let from = INVITED_AT_ONCE; from < ids.length; from += INVITED_AT_ONCE)
    await call(`${path}/${id}/members`, owner, "POST", { userIds: ids.slice(from, from + INVITED_AT_ONCE) });
  return id;
}

/** Conversations of two, each person with the next one. Returns the ids in the order of the pairs. */
export async function beginPairs(url: string, people: readonly Chatter[]): Promise<string[]> {
  const ids: string[] = [];
  const pairs = Array.from({ length: people.length / 2 }, (_, n) => people.slice(2 * n, 2 * n + 2));
  for (let from = 0; from < pairs.length; from += AT_ONCE)
    ids.push(
      ...(await Promise.all(
        pairs.slice(from, from + AT_ONCE).map(async ([one, other]) => {
          if (one === undefined || other === undefined) throw new Error("A pair is two people");
          const body = { kind: "direct", peerId: other.id };
          return Begun.parse(await call(`${url}/api/v1/conversations`, one, "POST", body)).id;
        }),
      )),
    );
  return ids;
}

/**
 * Reads a conversation from its first message to its last, page by page, as a device does that was away.
 * @returns how many messages there were, in how many milliseconds
 * @throws Error when one is missing or out of its place
 */
export async function catchUp(
  url: string,
  person: Chatter,
  id: string,
): Promise<{ messages: number; ms: number }> {
  const begun = performance.now();
  for (let last = 0; ;) {
    const path = `${url}/api/v1/conversations/${id}/messages?from=${last + 1}&limit=${PAGE}`;
    const { items } = Page.parse(await call(path, person, "GET"));
    for (const { seq } of items) if (seq !== ++last) throw new Error(`${seq} comes where ${last} should`);
    if (items.length < PAGE) return { messages: last, ms: performance.now() - begun };
  }
}
