import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { z } from "zod";

const require = createRequire(import.meta.url);
/** The package has no types. */
const { default: workerdPath } = z.object({ default: z.string() }).parse(require("workerd"));

/** A Worker of a workerd configuration. */
export interface BareWorker {
  name: string;
  /** Paths from the configuration's folder; the first is the main one. */
  modules: readonly string[];
  compatibilityDate: string;
  /** Its own Durable Object classes. */
  objects?: readonly { binding: string; className: string }[];
  variables: Readonly<Record<string, unknown>>;
  /** Bindings of queues, and the Worker that is given what is sent to them. */
  queues?: readonly { binding: string; name: string }[];
  services: Readonly<Record<string, { name: string; entrypoint?: string | undefined; props?: unknown }>>;
}

export interface BareServer {
  url: string;
  pid: number;
  stop: () => Promise<void>;
}

const Listening = z.object({ event: z.literal("listen"), socket: z.literal("http"), port: z.number() });

// A text of JSON is one of Cap'n Proto too.
const text = (value: string): string => JSON.stringify(value);

function worker({
  modules,
  compatibilityDate,
  variables,
  objects = [],
  queues = [],
  services,
}: BareWorker): string {
  const bound = Object.entries(services).map(([binding, { name, entrypoint, props }]) => {
    const designator = [
      `name = ${text(name)}`,
      ...(entrypoint === undefined ? [] : [`entrypoint = ${text(entrypoint)}`]),
      ...(props === undefined ? [] : [`props = (json = ${text(JSON.stringify(props))})`]),
    ];
    return `(name = ${text(binding)}, service = (${designator.join(", ")}))`;
  });
  const set = Object.entries(variables).map(
    ([name, value]) =>
      `(name = ${text(name)}, ${typeof value === "string" ? `text = ${text(value)}` : `json = ${text(JSON.stringify(value))}`})`,
  );
  const classes = objects.map(
    ({ className }) => `(className = ${text(className)}, uniqueKey = ${text(className)}, enableSql = true)`,
  );
  const namespaces = objects.map(
    ({ binding, className }) => `(name = ${text(binding)}, durableObjectNamespace = ${text(className)})`,
  );
  const sent = queues.map(({ binding, name }) => `(name = ${text(binding)}, queue = ${text(name)})`);
  return `(
    modules = [${modules.map((path) => `(name = ${text(path)}, esModule = embed ${text(path)})`).join(", ")}],
    compatibilityDate = ${text(compatibilityDate)},
    bindings = [${[...set, ...bound, ...namespaces, ...sent].join(", ")}],
    durableObjectNamespaces = [${classes.join(", ")}],
    durableObjectStorage = (localDisk = "objects"))`;
}

/**
 * Starts the runtime by itself, with the first Worker behind a socket of its own. What the Workers log is written to /dev/null.
 * @param configPath where its configuration is written; modules are named from there
 * @throws Error when it ends before it listens
 */
export async function startWorkerd(configPath: string, workers: readonly BareWorker[]): Promise<BareServer> {
  // In memory they would have no SQLite.
  const objects = mkdtempSync(`${configPath}-objects-`);
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    ${workers.map((one) => `(name = ${text(one.name)}, worker = ${worker(one)})`).join(",\n    ")},
    (name = "objects", disk = (path = ${text(objects)}, writable = true)),
    (name = "internet", network = (allow = ["private", "local"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = ${text(workers[0]?.name ?? "")})]
);
`;
  writeFileSync(configPath, config);
  const child = spawn(workerdPath, ["serve", "--control-fd=3", configPath], {
    cwd: dirname(configPath),
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const killWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", killWithUs);
  const ended = once(child, "exit").finally(() => process.off("exit", killWithUs));
  const control = child.stdio[3];
  if (!(control instanceof Readable) || child.pid === undefined) throw new Error("workerd has no process");
  const [line] = await Promise.race([
    once(createInterface(control), "line"),
    ended.then(() => Promise.reject(new Error("workerd ended"))),
  ]);
  const { port } = Listening.parse(JSON.parse(line));
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      rmSync(objects, { recursive: true });
    },
  };
}
