const COMPATIBILITY_DATE = "2026-10-01";

const stub = (name: string, script: string) => ({
  name,
  modules: true as const,
  compatibilityDate: COMPATIBILITY_DATE,
  script: `import { WorkerEntrypoint } from "cloudflare:workers";\n${script}`,
});

/**
 * What a Worker test sees of the Workers it binds: they answer as their contract in packages/kit/src/rpc.ts says, with fixed facts.
 */
const STUBS = {
  events: stub("events", "export class EventsRpc extends WorkerEntrypoint { async wake() {} }"),
  auth: stub(
    "auth",
    `const contact = (userId) => ({ email: "user-" + userId + "@example.com", firstName: "Ada", lastName: "Lovelace" });
     export class AuthRpc extends WorkerEntrypoint {
       async contact(userId) {
         if (userId.startsWith("00000000")) return null;
         return userId.startsWith("ffffffff") ? { ...contact(userId), asleep: true } : contact(userId);
       }
       async barred(userIds) { return userIds.filter((id) => id.endsWith("dddddddd")); }
       async formerContact(userId) { return { ...contact(userId), email: "former-" + userId + "@example.com" }; }
       async storeExport(copy, pages) { return pages.map(({ table, page, after }) => ({ table, page, after })); }
       async mintMailSignIn(id) {
         return id.startsWith("00000000") ? null : { ...contact(id), url: "https://souk.example/sign-in#token=test-" + id, code: "01234567" };
       }
       async mintLink(userId, purpose) {
         return userId.startsWith("00000000") ? null : { ...contact(userId), url: "https://souk.example/" + purpose + "#token=test-" + userId };
       }
     }`,
  ),
  /** Who an id names says how it may be written to: `...aaaa` after a yes, `...bbbb` not at all, `00000000...` is nobody. */
  users: stub(
    "users",
    `const reachOf = (id) => id.startsWith("00000000") ? "none" : id.endsWith("aaaaaaaa") ? "request" : id.endsWith("bbbbbbbb") ? "closed" : "open";
     export class UsersRpc extends WorkerEntrypoint {
       async reach(userId, otherIds) { return otherIds.map((id) => ({ userId: id, reach: reachOf(id), activity: reachOf(id) === "open" })); }
       async silencing(userId, otherIds) { return otherIds.filter((id) => id.endsWith("cccccccc")); }
     }`,
  ),
  notifications: stub(
    "notifications",
    `export class NotificationsRpc extends WorkerEntrypoint {
       async channels(userId, type) { return { inApp: true, email: !userId.endsWith("00000000"), push: true }; }
       async publish(userIds) { return { failed: [], connected: userIds }; }
       async publishEach(deliveries) { return { failed: [], connected: deliveries.map(({ userId }) => userId) }; }
       async presence(userIds) { return userIds.map((userId) => ({ userId, status: "online", lastSeenAt: null, at: "2026-10-01T12:00:00.000Z" })); }
       async watch(watcherId, userIds) { return { items: await this.presence(userIds), until: "2026-10-01T12:05:00.000Z" }; }
       async unwatch() {}
       async admit(admission) { return "ticket" in admission ? null : admission; }
       async roomsOf() { return []; }
     }`,
  ),
};

/**
 * A Worker behind the gateway: it echoes the request that reached it, so that a gateway test sees what would have arrived.
 * `PUT https://control/` sets how it behaves; `GET https://control/` tells how many requests came since.
 */
const ECHO = `
  let behaviour = {}, requests = 0;
  const recorded = [];
  export class EventsRpc extends WorkerEntrypoint {
    async record(events) {
      if (behaviour.fail === "throw") throw new Error("the stub was told to fail");
      recorded.push(...events);
    }
  }
  export class AuthRpc extends WorkerEntrypoint {
    async revokedSessions() {
      if (behaviour.fail === "throw") throw new Error("the stub was told to fail");
      return behaviour.revoked ?? [];
    }
    async apiKey(id) {
      requests++;
      if (behaviour.fail === "throw") throw new Error("the stub was told to fail");
      return behaviour.apiKeys?.[id] ?? null;
    }
  }
  export default {
    async fetch(request) {
      const url = new URL(request.url);
      if (url.hostname === "control") {
        if (request.method === "GET") return Response.json({ requests, recorded });
        behaviour = await request.json();
        requests = 0;
        return new Response(null, { status: 204 });
      }
      requests++;
      if (["throw", "requests"].includes(behaviour.fail)) throw new Error("the stub was told to fail");
      if (behaviour.fail === "hang") await scheduler.wait(60_000);
      while (behaviour.fail === "hold") await scheduler.wait(5);
      if (url.pathname === "/.well-known/jwks.json") return Response.json(behaviour.jwks ?? { keys: [] });
      if (url.pathname === "/ready") return Response.json({ ready: behaviour.ready ?? true }, { status: behaviour.ready === false ? 503 : 200 });
      if (request.headers.get("upgrade") === "websocket") {
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.addEventListener("message", (event) => server.send("echo: " + event.data));
        return new Response(null, { status: 101, webSocket: client });
      }
      const body = await request.text();
      const headers = Object.fromEntries(request.headers);
      return Response.json({ method: request.method, url: request.url, headers, body }, { status: behaviour.status ?? 200, headers: { "x-from": "stub", ...behaviour.headers } });
    },
  };`;
const DOMAIN_WORKERS = ["auth", "users", "alerts", "notifications", "email", "events", "chat"];

const BOUND: Record<string, (keyof typeof STUBS)[]> = {
  auth: ["events"],
  users: ["events", "auth"],
  alerts: ["events", "auth"],
  notifications: ["auth"],
  email: ["events", "auth", "notifications"],
  events: [],
  chat: ["events", "auth", "users", "notifications"],
};

/** The stubs that a Worker's tests run beside it. */
export const stubsFor = (worker: string) =>
  worker === "gateway"
    ? DOMAIN_WORKERS.map((name) => stub(name, ECHO))
    : (BOUND[worker] ?? []).map((name) => STUBS[name]);
