import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { hopsOf, type Hop } from "../../local/trace/hops.ts";
import type { CollectedSpan } from "../collector.ts";
import { eventually, mailTo, request } from "../http.ts";
import { newAdmin, newPerson } from "../person.ts";
import { testPlatform, type TestPlatform } from "../platform.ts";
import { poll } from "./poll.ts";
import { runCommand } from "./run-command.ts";

/** The caller's span in every `traceparent` of these tests. */
const CALLER = "00f067aa0ba902b7";

/** The kind of a span that waits for another, by OpenTelemetry. */
const CLIENT = 3;

let platform: TestPlatform;
const logText = () =>
  platform.harness
    .getLogs()
    .map(({ message }) => message)
    .join("\n");

beforeAll(async () => {
  platform = await testPlatform();
});

describe("one trace", () => {
  it("shows a registration's way from the gateway to the mail, by its id", async () => {
    const traceId = crypto.randomUUID().replaceAll("-", "");
    const email = `${crypto.randomUUID()}@example.com`;
    await request("POST", "/api/v1/auth/register", {
      body: { email, password: "Passw0rd-of-a-test", firstName: "Grace", lastName: "Hopper" },
      headers: { traceparent: `00-${traceId}-${CALLER}-01` },
    });
    await mailTo(email, /confirm|verify/i);
    const hops = await eventually("every hop's line", async () => {
      const found = hopsOf(logText(), traceId);
      return found.some(({ service, what }) => service === "email" && /consumed/.test(what)) &&
        found.some(({ service, what }) => service === "events" && /call wake/.test(what))
        ? found
        : undefined;
    });
    const place = (service: string, what: RegExp): number =>
      hops.findIndex((hop) => hop.service === service && what.test(hop.what));
    const gateway = place("gateway", /request POST .*register 201/);
    const auth = place("auth", /request POST .*register 201/);
    const minted = place("auth", /call mintLink email/);
    const mailed = place("email", /event consumed user.registered/);
    expect(gateway).toBe(0);
    expect(auth).toBeGreaterThan(gateway);
    expect(mailed).toBeGreaterThan(auth);
    expect(minted).toBeGreaterThan(mailed);
    const took = (hop: Hop | undefined) => hop?.ms ?? -1;
    expect(took(hops[gateway])).toBeGreaterThanOrEqual(took(hops[auth]));
    expect(hops[auth]?.database?.roundTrips).toBeGreaterThan(0);

    const shown = await runCommand("local/trace.ts", [traceId, "-"], {}, `noise\n(log) ${logText()}\n`);
    expect(shown.errors).toBe("");
    expect(shown.output.split("\n")[0]).toMatch(
      /^ +0 ms {2}gateway +request POST \/api\/v1\/auth\/register 201 {2}\d+ ms$/,
    );
    expect(shown.output).toMatch(
      /email +event consumed user\.registered 1 {2}\d+ ms, database \d+ ms in \d+/,
    );
  });

  it("is one tree at a collector, from the gateway to the mail, with every wait for the database, the mail server and an object in it", async () => {
    const traceId = crypto.randomUUID().replaceAll("-", "");
    const email = `${crypto.randomUUID()}@example.com`;
    await request("POST", "/api/v1/auth/register", {
      body: { email, password: "Passw0rd-of-a-test", firstName: "Grace", lastName: "Hopper" },
      headers: { traceparent: `00-${traceId}-${CALLER}-01` },
    });
    await mailTo(email, /confirm|verify/i);
    const spans = await eventually("every span", async () => {
      const found = platform.collector.spansOf(traceId);
      return ["gateway", "auth", "events", "users", "notifications", "email"].every((name) =>
        found.some(({ service, kind }) => service === name && kind !== CLIENT),
      ) &&
        ["auth/mintLink", "SMTP send", "USER_HUB.deliver"].every((name) =>
          found.some((span) => span.name === name),
        )
        ? found
        : undefined;
    });
    const parentOf = (span: CollectedSpan | undefined) =>
      spans.find(({ spanId }) => spanId === span?.parentSpanId);
    const named = (service: string, name: string) =>
      spans.find((span) => span.service === service && span.name === name);

    const roots = spans.filter((span) => parentOf(span) === undefined);
    expect(roots.map(({ service, parentSpanId }) => [service, parentSpanId])).toEqual([["gateway", CALLER]]);
    const registered = named("auth", "POST /api/v1/auth/register");
    expect(parentOf(registered)).toBe(named("gateway", "POST /api/v1/auth/register"));
    expect(parentOf(named("events", "events/wake"))).toBe(registered);
    const mailed = named("email", "process user.registered");
    expect(parentOf(mailed)).toBe(registered);
    expect(parentOf(named("auth", "auth/mintLink"))).toBe(mailed);

    const waits = spans.filter(({ kind }) => kind === CLIENT);
    for (const wait of waits) {
      const parent = parentOf(wait);
      expect(parent?.service).toBe(wait.service);
      expect(wait.name).toMatch(
        /^(BATCH )?(SELECT|INSERT|UPDATE|DELETE)( |$)|^SMTP send$|^(USER_HUB|CONTROL)\.[a-z]+$/i,
      );
      // Whole milliseconds, rounded on both sides.
      expect(Number(wait.startTimeUnixNano - (parent?.startTimeUnixNano ?? 0n)) / 1e6).toBeGreaterThan(-3);
    }
    expect(waits.filter((wait) => parentOf(wait) === registered)).not.toEqual([]);
    expect(waits.filter((wait) => parentOf(wait) === mailed)).not.toEqual([]);
    const sent = named("email", "SMTP send");
    expect(parentOf(sent)).toBe(mailed);
    expect(sent?.attributes).toEqual({
      "server.address": "127.0.0.1",
      "server.port": expect.any(Number) as number,
      "smtp.outcome": "sent",
      "smtp.response_code": 250,
    });
    expect(parentOf(named("notifications", "USER_HUB.deliver"))?.name).toMatch(/^process /);
    expect(spans.filter(({ status }) => status.code !== undefined)).toEqual([]);
    const told = JSON.stringify(spans, (_, value: unknown) =>
      typeof value === "bigint" ? `${value}` : value,
    );
    for (const personal of [email, "Grace", "Hopper", "Passw0rd"]) expect(told).not.toContain(personal);
  });

  it("has every call to a price source in the poll's", async () => {
    const host = new URL(platform.prices.url).host;
    await poll(platform);
    const { calls, spans } = await eventually("the calls", async () => {
      const found = platform.collector.spansBy("alerts");
      const asked = found.filter(({ name }) => name === `GET ${host}`);
      return asked.length > 0 ? { calls: asked, spans: found } : undefined;
    });
    for (const call of calls) {
      expect(call.attributes).toEqual({
        "http.method": "GET",
        "server.address": host,
        "http.status_code": 200,
      });
      expect(spans.find(({ spanId }) => spanId === call.parentSpanId)?.kind).not.toBe(CLIENT);
    }
    const told = JSON.stringify(calls, (_, value: unknown) =>
      typeof value === "bigint" ? `${value}` : value,
    );
    for (const key of Object.values(platform.secrets.priceKeys)) expect(told).not.toContain(key);
  });

  it("has what Durable Objects call, in the trace of who caused it", async () => {
    await poll(platform);
    const [ada, bob, admin] = [await newPerson(), await newPerson(), await newAdmin()];
    /** A request in a trace of its own. */
    const traced = async (method: string, path: string, options: { token: string; body?: unknown }) => {
      const traceId = crypto.randomUUID().replaceAll("-", "");
      const headers = { traceparent: `00-${traceId}-${CALLER}-01` };
      const { status } = await request(method, path, { ...options, headers });
      expect(status).toBeLessThan(300);
      return traceId;
    };
    /** The span's name and those of the spans above it, up to the gateway's. */
    const above = (traceId: string, name: string) =>
      eventually(`${name} below the gateway's span`, async () => {
        const spans = platform.collector.spansOf(traceId);
        const names: string[] = [];
        for (
          let span = spans.find((one) => one.name === name);
          span !== undefined;
          span = spans.find(({ spanId }) => spanId === span?.parentSpanId)
        ) {
          names.push(`${span.service} ${span.name}`);
          if (span.parentSpanId === CALLER) return names;
        }
        return undefined;
      });

    const begun = await request("POST", "/api/v1/conversations", {
      token: ada.accessToken,
      body: { kind: "direct", peerId: bob.id },
    });
    const { id } = z.object({ id: z.uuid() }).parse(begun.json);
    const message = { clientMessageId: "1", text: "Good morning" };
    const sent = await traced("POST", `/api/v1/conversations/${id}/messages`, {
      token: ada.accessToken,
      body: message,
    });

    const seen = { token: ada.accessToken, body: { activityVisibility: "user" } };
    expect((await request("PUT", "/api/v1/users/me/privacy", seen)).status).toBe(200);
    const watch = { token: bob.accessToken, body: { userIds: [ada.id] } };
    expect((await request("PUT", "/api/v1/presence/watch", watch)).status).toBe(200);
    const streams = new AbortController();
    const open = async (path: string, traceId: string) => {
      const { status } = await fetch(`${platform.url}/api/v1/realtime${path}/events`, {
        headers: {
          authorization: `Bearer ${ada.accessToken}`,
          traceparent: `00-${traceId}-${CALLER}-01`,
        },
        signal: streams.signal,
      });
      expect(status).toBe(200);
    };
    const came = crypto.randomUUID().replaceAll("-", "");
    await open("", came);

    await open("/rooms/prices/XAU.USD", crypto.randomUUID().replaceAll("-", ""));
    const left = await traced("POST", "/api/v1/auth/logout", { token: ada.accessToken });
    streams.abort();

    const control = await request("GET", "/api/v1/admin/control", { token: admin.accessToken });
    expect(control.status, control.text).toBe(200);
    const { version } = z.object({ version: z.int() }).parse(control.json);
    const changed = await traced("PATCH", "/api/v1/admin/control", {
      token: admin.accessToken,
      body: { version, flags: { traced: 1 } },
    });

    expect(await above(sent, "USER_HUB.publish")).toEqual([
      "notifications USER_HUB.publish",
      expect.stringMatching(/^notifications notifications\/publish(Each)?$/),
      "chat Conversation.tell",
      "chat POST /api/v1/conversations/:id/messages",
      "gateway POST /api/v1/conversations/:id/messages",
    ]);
    expect((await above(came, "USER_HUB.publish")).slice(0, 3)).toEqual([
      "notifications USER_HUB.publish",
      "notifications UserHub.tell",
      "notifications GET /api/v1/realtime/events",
    ]);
    expect((await above(left, "PRICE_ROOM.endSession")).slice(0, 3)).toEqual([
      "notifications PRICE_ROOM.endSession",
      "notifications UserHub.endSession",
      "notifications process session.revoked",
    ]);
    expect(await above(changed, "events/record")).toEqual([
      "events events/record",
      "gateway Control.alarm",
      "gateway PATCH /api/v1/admin/control",
    ]);
  });

  it("is not sent where the caller's is not sampled", async () => {
    const traceId = crypto.randomUUID().replaceAll("-", "");
    const sampled = crypto.randomUUID().replaceAll("-", "");
    for (const [id, flags] of [
      [traceId, "00"],
      [sampled, "01"],
    ])
      await request("GET", "/api/v1/prices", {
        headers: { traceparent: `00-${id}-${CALLER}-${flags}` },
      });
    await eventually("the sampled one", async () => platform.collector.spansOf(sampled)[0]);
    expect(platform.collector.spansOf(traceId)).toEqual([]);
  });

  it("says when there is none, or no id", async () => {
    const none = await runCommand("local/trace.ts", ["0".repeat(31) + "1", "-"], {}, "nothing");
    expect(none).toMatchObject({ code: 1, errors: expect.stringContaining("no line of trace") });
    const wrong = await runCommand("local/trace.ts", ["abc", "-"], {});
    expect(wrong).toMatchObject({ code: 1, errors: expect.stringContaining("npm run trace") });
  });
});
