import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createTestHarness } from "wrangler";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../free-port.ts";

/**
 * The suite's folder. It is not part of this repository: `git clone https://github.com/w3c/trace-context .local/trace-context`; it needs
 * Python 3 with aiohttp (Debian's python3-aiohttp). Without them our own cases below run alone.
 */
const SUITE = join(import.meta.dirname, "../../.local/trace-context/test");
const suiteMissing =
  !existsSync(join(SUITE, "test.py")) || spawnSync("python3", ["-c", "import aiohttp"]).status !== 0;

const TRACE = "12345678901234567890123456789012";
const PARENT = `00-${TRACE}-1234567890123456-01`;

let harness: ReturnType<typeof createTestHarness>;
let echo: URL;
/** What came back, header by header as it stood on the wire. */
let received: string[][] = [];
const listener = createServer((incoming, outgoing) => {
  received.push(incoming.rawHeaders);
  outgoing.end("{}");
});

beforeAll(async () => {
  harness = createTestHarness({ workers: [{ configPath: join(import.meta.dirname, "wrangler.toml") }] });
  echo = (await harness.listen()).url;
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
});
afterAll(async () => {
  listener.close();
  await harness.close();
});

const valuesOf = (raw: string[], name: string): string[] =>
  raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === name);

/**
 * Sends the headers as they are, repeated ones on lines of their own, and asks for calls back.
 * @returns the traceparent and the tracestate of each call
 */
async function callBack(headers: [string, string][], calls = 1) {
  received = [];
  const back = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`;
  const body = JSON.stringify(Array.from({ length: calls }, () => ({ url: back, arguments: [] })));
  const outgoing = request(echo.href, {
    method: "POST",
    headers: ["host", echo.host, "content-length", String(body.length), ...headers.flat()],
  });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  await text(incoming);
  expect(incoming.statusCode).toBe(200);
  expect(received).toHaveLength(calls);
  return received.map((raw) => {
    const [parent = "", ...more] = valuesOf(raw, "traceparent");
    expect(more).toEqual([]);
    expect(parent).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[0-3]$/);
    const [, traceId, spanId] = parent.split("-");
    return { traceId, spanId, flags: parent.slice(-2), state: valuesOf(raw, "tracestate").join() };
  });
}

describe("a trace over the wire", () => {
  it("goes on, with a span of its own for each call", async () => {
    const calls = await callBack([["TraceParent", PARENT]], 3);
    expect(calls.map(({ traceId, flags }) => [traceId, flags])).toEqual(Array(3).fill([TRACE, "01"]));
    expect(new Set([...calls.map(({ spanId }) => spanId), "1234567890123456"]).size).toBe(4);
  });

  it.each([
    ["none", []],
    [
      "two",
      [
        ["traceparent", PARENT],
        ["traceparent", PARENT],
      ],
    ],
    ["a wrong name", [["trace-parent", PARENT]]],
    ["an unknown version that is too long to be one", [["traceparent", `0${PARENT}`]]],
    ["version ff", [["traceparent", PARENT.replace("00", "ff")]]],
    ["version 0 with more behind it", [["traceparent", `${PARENT}-more`]]],
  ] satisfies [string, [string, string][]][])(
    "begins anew with %s, and drops the tracestate",
    async (_, headers) => {
      const [call] = await callBack([...headers, ["tracestate", "foo=1"]]);
      expect(call?.traceId).not.toBe(TRACE);
      expect(call?.state).toBe("");
    },
  );

  it("is known with white space around it, and in a later version", async () => {
    for (const parent of [` \t${PARENT} \t`, `cc${PARENT.slice(2)}`, `cc${PARENT.slice(2)}-more`])
      expect((await callBack([["traceparent", parent]]))[0]?.traceId).toBe(TRACE);
  });

  it("takes its tracestate along from all lines in order, empty ones left out", async () => {
    const lines = ["", "foo=1 \t ,\tbar=2", "", "rojo=3"].map((line): [string, string] => [
      "TraceState",
      line,
    ]);
    const [call] = await callBack([["traceparent", PARENT], ...lines]);
    expect(call?.state.replaceAll(/[ \t]/g, "")).toBe("foo=1,bar=2,rojo=3");
  });

  it.each(["foo=1,foo=2", "FOO=1", "foo=", Array.from({ length: 33 }, (_, at) => `k${at}=1`).join()])(
    "goes on without a tracestate that is not one: %s",
    async (state) => {
      const [call] = await callBack([
        ["traceparent", PARENT],
        ["tracestate", state],
      ]);
      expect(call).toMatchObject({ traceId: TRACE, state: "" });
    },
  );
});

describe.skipIf(suiteMissing)("the W3C's suite, which is skipped where it has not been fetched", () => {
  it("passes at strict level 2", { timeout: 120_000 }, async () => {
    const suite = spawn("python3", ["test.py", echo.href], {
      cwd: SUITE,
      env: { ...process.env, STRICT_LEVEL: "2", HARNESS_PORT: String(await freePort()) },
    });
    const [told] = await Promise.all([text(suite.stderr), text(suite.stdout), once(suite, "close")]);
    expect(told).toMatch(/^Ran \d{2,} tests/m);
    expect(told.trim().split("\n").at(-1)).toBe("OK");
  });
});
