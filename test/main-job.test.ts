import { asOwner } from "@souk/db/operate/owner";
import { ServerFrame } from "@souk/kit/realtime/frames";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { eventually, mailsTo, mailTo, request } from "./http.ts";
import { newAdmin, newPerson, type Person } from "./person.ts";
import { testPlatform, type TestPlatform } from "./platform.ts";

const Items = z.object({ items: z.array(z.looseObject({ id: z.string(), type: z.string().optional() })) });
const Frame = z.looseObject({
  type: z.string(),
  notification: z.looseObject({ id: z.string(), type: z.string() }).optional(),
});
const Created = z.object({ id: z.uuid() });
const Price = z.object({ price: z.string() });

let platform: TestPlatform;
let person: Person;
let alertId: string;
let frames: z.infer<typeof Frame>[];

const items = async (path: string) =>
  Items.parse((await request("GET", path, { token: person.accessToken })).json).items;
const alertNotifications = async () =>
  (await items("/api/v1/notifications?limit=100")).filter(({ type }) => type === "alert.triggered");
const alertMails = async () => (await mailsTo(person.email)).filter(({ text }) => text.includes("900"));

/** Fires the poll as the platform would, at the time of the source's present month. */
const poll = () =>
  platform.harness
    .getWorker("alerts")
    .scheduled({ cron: "*/5 * * * *", scheduledTime: new Date(platform.prices.state().at) });

async function openSocket(token: string): Promise<z.infer<typeof Frame>[]> {
  const ticket = z
    .object({ ticket: z.string() })
    .parse((await request("POST", "/api/v1/realtime/tickets", { token })).json);
  const socket = new WebSocket(
    `${platform.url.replace("http", "ws")}/ws?ticket=${encodeURIComponent(ticket.ticket)}`,
  );
  const received: z.infer<typeof Frame>[] = [];
  let subscribed = false;
  socket.addEventListener("message", ({ data }) => {
    const frame = ServerFrame.parse(JSON.parse(String(data)));
    for (const single of frame.type === "batch" ? frame.frames : [frame]) {
      subscribed ||= single.type === "subscribed";
      if (single.type === "event") received.push(Frame.parse(single.data));
    }
  });
  socket.addEventListener("open", () => socket.send('{"type":"subscribe","channel":"inbox"}'));
  await eventually("a subscription", async () => subscribed || undefined);
  return received;
}

beforeAll(async () => {
  platform = await testPlatform();
  person = await newPerson();
  frames = await openSocket(person.accessToken);
});

describe("the main job, on the real configurations and the real price series", () => {
  it("does not fire below the threshold", async () => {
    await poll();
    const created = await request("POST", "/api/v1/alerts", {
      token: person.accessToken,
      body: { metal: "XAU", currency: "USD", type: "above", threshold: "900" },
    });
    expect(created.status).toBe(201);
    alertId = Created.parse(created.json).id;
    while (Number(platform.prices.state().price) < 800) {
      platform.prices.tick();
      await poll();
    }
    expect(await items(`/api/v1/alerts/${alertId}/history`)).toEqual([]);
  });

  it("fires once when the price crosses, and tells by WebSocket, inbox and mail", async () => {
    while (Number(platform.prices.state().price) < 900) {
      platform.prices.tick();
      await poll();
    }
    const current = await request("GET", "/api/v1/prices/current?metal=XAU&currency=USD");
    expect(Number(Price.parse(current.json).price)).toBe(Number(platform.prices.state().price));
    expect(await items(`/api/v1/alerts/${alertId}/history`)).toHaveLength(1);
    const frame = await eventually("the notification on the socket", async () =>
      frames.find(({ notification }) => notification?.type === "alert.triggered"),
    );
    const [stored] = await eventually("the stored notification", async () => {
      const found = await alertNotifications();
      return found.length > 0 ? found : undefined;
    });
    expect(stored?.id).toBe(frame.notification?.id);
    const mail = await mailTo(person.email, /gold|XAU/i);
    expect(mail.text).toContain("900");
  });

  it("stays at one of each, whatever is repeated", async () => {
    await Promise.all(Array.from({ length: 20 }, poll));
    for (let month = 0; month < 3; month++) {
      platform.prices.tick();
      await Promise.all([poll(), poll()]);
    }
    const admin = await newAdmin();
    const range = {
      from: new Date(Date.now() - 3_600_000).toISOString(),
      to: new Date(Date.now() + 3_600_000).toISOString(),
    };
    for (const subscriber of ["notifications", "email-bulk", "email-urgent", "users"]) {
      const replayed = await request("POST", "/api/v1/events/replays", {
        token: admin.accessToken,
        body: { subscriber, ...range },
      });
      expect(replayed.status).toBe(201);
    }
    // The queues are behind the replay once a later event has passed through both consumers.
    const later = await newPerson();
    await mailTo(later.email, /welcome/i);
    await eventually("the later person's notification", async () => {
      const { json } = await request("GET", "/api/v1/notifications", { token: later.accessToken });
      return Items.parse(json).items.length > 0 ? true : undefined;
    });
    expect(await items(`/api/v1/alerts/${alertId}/history`)).toHaveLength(1);
    expect(await alertNotifications()).toHaveLength(1);
    expect(await alertMails()).toHaveLength(1);
  });

  it("can be followed by one trace id from the log-in's request to the mail", async () => {
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const email = `${crypto.randomUUID()}@example.com`;
    await request("POST", "/api/v1/auth/register", {
      body: { email, password: "Passw0rd-of-a-test", firstName: "Grace", lastName: "Hopper" },
      headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    });
    await mailTo(email, /confirm|verify/i);
    const services = await eventually("log lines of each hop", async () => {
      const lines = platform.harness
        .getLogs()
        .map(({ message }) => message)
        .filter((line) => line.includes(traceId));
      const named = new Set(lines.map((line) => /"service":"([a-z]+)"/.exec(line)?.[1]));
      return ["gateway", "auth", "email", "users", "notifications"].every((name) => named.has(name))
        ? named
        : undefined;
    });
    expect(services.has("email")).toBe(true);
  });
});

describe("what the logs hold", () => {
  it("is JSON with level, service and request id, and no secret, token or address", async () => {
    const { password, accessToken, refreshToken, email } = person;
    const [mail] = await mailsTo(email);
    const lines = platform.harness.getLogs().map(({ message }) => message);
    expect(lines.length).toBeGreaterThan(50);
    const all = lines.join("\n");
    for (const secret of [password, accessToken, refreshToken, email, mail?.text.slice(0, 80) ?? "none"])
      expect(all).not.toContain(secret);
    expect(all).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+/);
    expect(all).not.toMatch(/token=[\w-]{20,}/);
    const ours = lines.filter((line) => line.startsWith("{"));
    expect(ours.length).toBeGreaterThan(50);
    for (const line of ours) {
      expect(JSON.parse(line)).toMatchObject({
        level: expect.any(String),
        service: expect.any(String),
        requestId: expect.any(String),
      });
    }
  });
});

describe("the event log", () => {
  it("has nothing unsent when all is quiet, and no dead letter", async () => {
    await eventually("an empty outbox", () =>
      asOwner(platform.databaseUrl, async (client) => {
        const { rowCount } = await client.query("SELECT 1 FROM events.log WHERE sent_at IS NULL");
        return rowCount === 0 ? true : undefined;
      }),
    );
    const { rows } = await asOwner(platform.databaseUrl, (client) =>
      client.query("SELECT reason FROM events.dead_letters"),
    );
    expect(rows).toEqual([]);
  });
});
