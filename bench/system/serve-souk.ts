import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4MiniflareOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { z } from "zod";
import { countingInMemory } from "./rate-limits.ts";

/** What `system/souk.ts` asks for. */
const Options = z.object({
  bundles: z.array(z.object({ name: z.string(), path: z.string(), outDir: z.string() })).min(1),
  environments: z.record(z.string(), z.record(z.string(), z.string())),
  persistTo: z.string(),
});
const Question = z.object({
  id: z.number(),
  question: z.object({ worker: z.string(), cron: z.string(), scheduledTime: z.number() }),
});

/** What of a Worker's options is replaced here; wrangler's type does not name them. */
const Replaced = z.looseObject({
  assets: z.looseObject({ binding: z.string() }).optional(),
  bindings: z.record(z.string(), z.unknown()).optional(),
  ratelimits: z.record(z.string(), z.unknown()).optional(),
  serviceBindings: z.record(z.string(), z.unknown()).optional(),
});

const options = Options.parse(JSON.parse(process.argv[2] ?? "{}"));
const names = new Set(options.bundles.map(({ name }) => name));

/** Stands for what a run leaves out: the assets, and a bound Worker that is not among the bundles. */
const nobody = {
  name: "nobody",
  compatibilityDate: "2026-10-01",
  modules: true,
  script: `import { WorkerEntrypoint } from "cloudflare:workers";
    export class EventsRpc extends WorkerEntrypoint { async wake() {} }
    export class AuthRpc extends WorkerEntrypoint {}
    export class UsersRpc extends WorkerEntrypoint {}
    export class NotificationsRpc extends WorkerEntrypoint {}
    export default { fetch: () => new Response(null, { status: 404 }) }`,
};

const workers = options.bundles.map(({ name, path, outDir }, position) => {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(path);
  const { assets, bindings, ratelimits = {}, serviceBindings, ...rest } = Replaced.parse(workerOptions);
  const bound = Object.entries(serviceBindings ?? {}).map(([key, service]) => {
    const target = z.looseObject({ name: z.string() }).safeParse(service).data;
    return [key, target && !names.has(target.name) ? { ...target, name: "nobody" } : service];
  });
  const main = `${outDir}/index.js`;
  const limits = Object.keys(ratelimits);
  const contents = countingInMemory("./index.js", limits);
  const counting = { type: "ESModule", path: `${outDir}/counting.js`, contents };
  return {
    ...rest,
    name,
    rootPath: undefined,
    modulesRoot: outDir,
    modules: [...(limits.length > 0 ? [counting] : []), { type: "ESModule", path: main }],
    bindings: { ...bindings, ...options.environments[name] },
    serviceBindings: { ...Object.fromEntries(bound), ...(assets?.binding && { [assets.binding]: "nobody" }) },
    ...(position === 0 && { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] }),
  };
});

const system: unknown = {
  workers: [...workers, nobody],
  cf: false,
  log: new Log(LogLevel.WARN),
  handleStructuredLogs: () => {},
  defaultPersistRoot: options.persistTo,
};
// Miniflare checks the options itself when it starts.
const miniflare = new Miniflare(convertV4MiniflareOptions(system as V4MiniflareOptions));
await miniflare.ready;

async function fireCron(raw: unknown): Promise<void> {
  const { id, question } = Question.parse(raw);
  const { worker: name, cron, scheduledTime } = question;
  try {
    const worker = await miniflare.getWorker(name);
    const { outcome } = await worker.scheduled({ cron, scheduledTime: new Date(scheduledTime) });
    process.send?.({ answered: id, ...(outcome !== "ok" && { error: `${name} ended with ${outcome}` }) });
  } catch (error) {
    process.send?.({ answered: id, error: String(error) });
  }
}

process.on("message", (raw) => void fireCron(raw));
process.once("SIGTERM", () => void miniflare.dispose().finally(() => process.exit(0)));
const url = await miniflare.unsafeGetDirectURL(options.bundles[0]?.name);
process.send?.({ url: url.origin });
