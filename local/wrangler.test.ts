import { once } from "node:events";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fireCron } from "./cron/fire.ts";
import { freePort } from "./free-port.ts";
import { runningProcess } from "./process-table.ts";
import { readWorkerConfigs } from "./worker-configs.ts";
import { startWrangler, type Wrangler } from "./wrangler.ts";

// Two Workers of our own, so that this does not wait for Souk's to be whole.
mkdirSync(".local", { recursive: true });
const root = mkdtempSync(join(import.meta.dirname, "../.local/wrangler-test-"));
const dir = join(root, "state");
const front = `export default { async fetch(request, env) {
  if (new URL(request.url).pathname === "/health") return new Response("ok");
  return Response.json({ front: env.VALUE, same: env.SAME, home: env.HOME ?? null, back: await (await env.BACK.fetch(request)).json() });
} }`;
const back = `let ran = null;
export default {
  fetch: (request, env) => Response.json({ value: env.VALUE_BACK, same: env.SAME, secret: env.SECRET, ran }),
  scheduled(controller) { if (controller.cron === "0 0 * * *") throw new Error("on purpose"); ran = [controller.cron, controller.scheduledTime]; },
}`;
const settings = (vars: string) => `main = "index.js"\ncompatibility_date = "2026-10-01"\n[vars]\n${vars}\n`;
const odd = `{"kid":"a b","x":"$HOME \${PATH} #"}`;
const environments = {
  front: { VALUE: odd, SAME: "1" },
  back: { VALUE_BACK: "local", SAME: "2", SECRET: "" },
};

mkdirSync(join(root, "workers/back"), { recursive: true });
mkdirSync(dir);
writeFileSync(join(root, "index.js"), front);
writeFileSync(
  join(root, "wrangler.toml"),
  `name = "front"\n${settings('VALUE = ""\nSAME = ""')}[[services]]\nbinding = "BACK"\nservice = "back"\n`,
);
writeFileSync(join(root, "workers/back/index.js"), back);
writeFileSync(
  join(root, "workers/back/wrangler.toml"),
  `name = "back"\n${settings('VALUE_BACK = "production"\nSAME = ""')}[secrets]\nrequired = ["SECRET"]\n[triggers]\ncrons = ["*/5 * * * *", "0 0 * * *"]\n`,
);
// A person's own, for another use of wrangler: it must have no say, and stay.
writeFileSync(join(root, ".dev.vars"), "VALUE='mine'\n");
const workers = readWorkerConfigs(root);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const secretFiles = () => globSync("**/.{env,dev.vars}*", { cwd: dir });

describe("all Workers in one wrangler", () => {
  let wrangler: Wrangler;
  beforeAll(async () => {
    wrangler = await startWrangler({ workers, environments, dir, port: await freePort() });
  });
  afterAll(() => wrangler.stop());

  it("gives each Worker its own values unchanged, over those of its wrangler.toml, and nothing of this machine's", async () => {
    expect(await (await fetch(wrangler.url)).json()).toEqual({
      front: odd,
      same: "1",
      home: null,
      back: { value: "local", same: "2", secret: "", ran: null },
    });
    expect(secretFiles().toSorted()).toEqual(["workers/back/.dev.vars", "workers/front/.dev.vars"]);
    expect(statSync(join(dir, "workers/back/.dev.vars")).mode & 0o777).toBe(0o600);
  });

  it("fires a cron of any Worker at a turned time", async () => {
    const scheduledTime = new Date("2008-03-03T12:00:00Z");
    await fireCron(wrangler.url, { worker: "back", cron: "*/5 * * * *", scheduledTime });
    expect(await (await fetch(wrangler.url)).json()).toMatchObject({
      back: { ran: ["*/5 * * * *", scheduledTime.getTime()] },
    });
    await expect(
      fireCron(wrangler.url, { worker: "back", cron: "0 0 * * *", scheduledTime }),
    ).rejects.toThrow(/0 0 .* of back .* failed|was not run/);
    await expect(
      fireCron(wrangler.url, { worker: "nobody", cron: "* * * * *", scheduledTime }),
    ).rejects.toThrow(/was not run: HTTP 404/);
  });

  it("shows a source edit, and writes nothing into the checkout", async () => {
    writeFileSync(
      join(root, "workers/back/index.js"),
      back.replace("value: env.VALUE_BACK", 'value: "edited"'),
    );
    await expect
      .poll(async () => (await fetch(wrangler.url)).json(), { timeout: 10_000 })
      .toMatchObject({ back: { value: "edited" } });
    expect(globSync("{.*,workers/*/.*}", { cwd: root })).toEqual([".dev.vars"]);
    expect(readFileSync(join(root, ".dev.vars"), "utf8")).toBe("VALUE='mine'\n");
  });

  it("ends with all its processes within 5 s and leaves no file with secrets", async () => {
    const pid = Number(readFileSync(join(dir, "wrangler.pid"), "utf8"));
    expect(runningProcess(pid)).toBeDefined();
    const begun = performance.now();
    await wrangler.stop();
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(runningProcess(pid)).toBeUndefined();
    expect(secretFiles()).toEqual([]);
    await expect(fetch(wrangler.url)).rejects.toThrow();
  });
});

describe("what cannot start says why", () => {
  it("a taken port", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address ? address.port : 0;
    await expect(startWrangler({ workers, environments, dir, port })).rejects.toThrow(
      `Port ${port} for the API is taken`,
    );
    other.close();
  });

  it("a Worker that does not build", async () => {
    writeFileSync(join(root, "workers/back/index.js"), "export default {");
    await expect(
      startWrangler({
        workers,
        environments,
        dir,
        port: await freePort(),
        signal: AbortSignal.timeout(20_000),
      }),
    ).rejects.toThrow(/Workers did not start: .*index\.js/);
    expect(secretFiles()).toEqual([]);
  });

  it.each([
    [
      "a Worker without environment",
      { front: environments.front },
      /no local environment for the Worker back/,
    ],
    ["a missing secret", { ...environments, back: { VALUE_BACK: "" } }, /back lacks SECRET/],
    ["a value that is declared nowhere", { ...environments, front: { OTHER: "" } }, /does not declare OTHER/],
    ["a value that no file can carry", { ...environments, front: { VALUE: "it's" } }, /VALUE holds a quote/],
  ])("%s", async (_, wrong, message) => {
    await expect(
      startWrangler({ workers, environments: wrong, dir, port: await freePort() }),
    ).rejects.toThrow(message);
  });
});
