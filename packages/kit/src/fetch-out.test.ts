import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fetchOut } from "./fetch-out.ts";
import type { Work } from "./otlp-span.ts";

const server = createServer((request, response) => {
  if (request.url?.startsWith("/silent")) return;
  const status = Number(request.url?.slice(1, 4));
  response.writeHead(status).end("the body");
});
let host = "";
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const read = (response: Response) => response.text();

/** Asks for a path whose query is secret. @returns what became of it, and the spans that it left */
async function asked(path: string, { method = "GET", ms = 5_000, reader = read } = {}) {
  const kept: Work[] = [];
  const spans = { own: () => {}, child: (work: Work) => void kept.push(work) };
  const init = { method, signal: AbortSignal.timeout(ms) };
  const answer = await fetchOut({ spans }, `http://${host}/${path}?key=secret`, init, reader).catch(String);
  return { answer, kept };
}

it.each([
  [200, "GET", false],
  [404, "POST", true],
  [503, "GET", true],
])(
  "keeps a span of an answer %i to %s, with no more of the address than its host",
  async (status, method, failed) => {
    const { answer, kept } = await asked(`${status}/secret`, { method });
    expect(answer).toBe("the body");
    expect(kept).toMatchObject([
      {
        name: `${method} ${host}`,
        kind: "client",
        failed,
        attributes: { "http.method": method, "server.address": host, "http.status_code": status },
      },
    ]);
    expect(kept[0]?.attributes["error.type"]).toBe(failed ? String(status) : undefined);
    expect(JSON.stringify(kept)).not.toContain("secret");
  },
);

it("keeps one of a server that is silent, and of a body that cannot be read", async () => {
  const silent = await asked("silent", { ms: 50 });
  expect(silent.answer).toContain("TimeoutError");
  expect(silent.kept).toMatchObject([{ failed: true, attributes: { "error.type": "TimeoutError" } }]);
  expect(silent.kept[0]?.ms).toBeGreaterThan(30);
  const unread = await asked("200", { reader: () => Promise.reject(new RangeError("too large")) });
  expect(unread.kept).toMatchObject([
    { failed: true, attributes: { "error.type": "RangeError", "http.status_code": 200 } },
  ]);
});

it("only asks where nobody collects", async () => {
  const init = { signal: AbortSignal.timeout(5_000) };
  expect(await fetchOut({ spans: null }, `http://${host}/200`, init, read)).toBe("the body");
});
