import process from "node:process";
import { app as alerts } from "../../workers/alerts/src/app.ts";
import { app as auth } from "../../workers/auth/src/app.ts";
import { app as chat } from "../../workers/chat/src/app.ts";
import { app as email } from "../../workers/email/src/app.ts";
import { app as events } from "../../workers/events/src/app.ts";
import { NO_SETTINGS } from "../../workers/gateway/src/control/settings.ts";
import { app as gateway } from "../../workers/gateway/src/app.ts";
import { app as notifications } from "../../workers/notifications/src/app.ts";
import { app as users } from "../../workers/users/src/app.ts";

// Run by Bun or Deno: the Workers in one process, the gateway before the others, with what the platform would bind replaced by the least that serves.
const environments = JSON.parse(process.env["SOUK_ENVIRONMENTS"] ?? "{}") as Record<string, object>;

const queue = { send: async () => {}, sendBatch: async () => {} };
const EVENTS = { wake: async () => {} };
const object = <T extends object>(stub: T) => ({ getByName: () => stub });
const bindings: Record<string, object> = {
  auth: { EVENTS, DEAD_LETTERS: queue },
  users: { EVENTS, AUTH: {}, DEAD_LETTERS: queue },
  alerts: { EVENTS, AUTH: {}, DEAD_LETTERS: queue },
  notifications: { AUTH: {}, USER_HUB: {}, PRICE_ROOM: {}, DEAD_LETTERS: queue },
  chat: {
    EVENTS,
    AUTH: {},
    USERS: {},
    NOTIFICATIONS: {},
    CONVERSATION: {},
    ROOM: {},
    ERASER: {},
    ROOM_CLOSER: {},
    REGISTER: {},
    DEAD_LETTERS: queue,
  },
  email: { EVENTS, AUTH: {}, NOTIFICATIONS: {}, DEAD_LETTERS: queue },
  events: {
    GATEWAY_QUEUE: queue,
    AUTH_QUEUE: queue,
    USERS_QUEUE: queue,
    ALERTS_QUEUE: queue,
    NOTIFICATIONS_QUEUE: queue,
    EMAIL_URGENT_QUEUE: queue,
    EMAIL_BULK_QUEUE: queue,
    CHAT_QUEUE: queue,
  },
};

const domain = { auth, users, alerts, notifications, email, events, chat };
const fetchers = Object.fromEntries(
  Object.entries(domain).map(([name, app]) => {
    const env = { ...environments[name], ...bindings[name] };
    return [
      name,
      {
        fetch: async (input: string | Request, init?: RequestInit) =>
          app.fetch(new Request(input, init), env),
      },
    ];
  }),
);
const gatewayEnv = {
  ...environments["gateway"],
  ...Object.fromEntries(Object.entries(fetchers).map(([name, fetcher]) => [name.toUpperCase(), fetcher])),
  ASSETS: { fetch: async () => new Response(null, { status: 404 }) },
  FLOOD: { limit: async () => ({ success: true }) },
  STRANGERS: { limit: async () => ({ success: true }) },
  QUOTA: object({ settle: async () => ({ granted: true, others: [], lease: 1_000 }) }),
  METRICS: object({ add: async () => {} }),
  CONTROL: object({
    snapshot: async () => ({ version: 1, revokedSessions: [], ageMs: 0, settings: NO_SETTINGS, purges: {} }),
  }),
  AUTH_RPC: {},
  EVENTS_RPC: {},
  DEAD_LETTERS: queue,
};

/** `/workers/NAME/...` goes to a Worker by itself, everything else to the gateway. */
async function answer(request: Request): Promise<Response> {
  const [, name = "", path = ""] = /^\/workers\/(\w+)(\/.*)$/.exec(new URL(request.url).pathname) ?? [];
  const worker = fetchers[name];
  return worker === undefined
    ? gateway.fetch(request, gatewayEnv)
    : worker.fetch(new Request(new URL(path, request.url), request));
}

export default { port: Number(process.env["PORT"]), hostname: "127.0.0.1", fetch: answer };
