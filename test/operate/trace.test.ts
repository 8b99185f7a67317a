import { beforeAll, describe, expect, it } from "vitest";
import { hopsOf, type Hop } from "../../local/trace/hops.ts";
import { eventually, mailTo, request } from "../http.ts";
import { testPlatform, type TestPlatform } from "../platform.ts";
import { runCommand } from "./run-command.ts";

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
      headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
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

  it("says when there is none, or no id", async () => {
    const none = await runCommand("local/trace.ts", ["0".repeat(31) + "1", "-"], {}, "nothing");
    expect(none).toMatchObject({ code: 1, errors: expect.stringContaining("no line of trace") });
    const wrong = await runCommand("local/trace.ts", ["abc", "-"], {});
    expect(wrong).toMatchObject({ code: 1, errors: expect.stringContaining("npm run trace") });
  });
});
