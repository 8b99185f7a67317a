import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SUBSCRIBERS } from "@souk/kit/events";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Quotas } from "../workers/gateway/src/quotas/tiers.ts";
import { WORKERS } from "./workers.ts";

const root = join(import.meta.dirname, "..");
const folderOf = (name: string): string => join(root, "workers", name);
const named = (name: string) => WORKERS.find((worker) => worker.name === name);

/** Every name that a configuration puts into the Worker's environment. */
function declaredBindings({ config }: (typeof WORKERS)[number]): string[] {
  return [
    ...Object.keys(config.vars),
    ...(config.secrets?.required ?? []),
    ...config.services.map(({ binding }) => binding),
    ...config.queues.producers.map(({ binding }) => binding),
    ...config.durable_objects.bindings.map(({ name }) => name),
    ...config.ratelimits.map(({ name }) => name),
    ...(config.assets?.binding === undefined ? [] : [config.assets.binding]),
  ].toSorted();
}

/** A Worker's entry as text: outside workerd it cannot be loaded. */
const indexOf = (name: string): Promise<string> => readFile(join(folderOf(name), "src/index.ts"), "utf8");

describe("every wrangler.toml", () => {
  it("belongs to a Worker with code, and each Worker has one", () => {
    expect(WORKERS.length).toBeGreaterThan(1);
    expect(WORKERS[0]?.name).toBe("gateway");
    for (const { name } of WORKERS) expect(existsSync(join(folderOf(name), "src/index.ts")), name).toBe(true);
    expect(new Set(WORKERS.map(({ name }) => name)).size).toBe(WORKERS.length);
  });

  it("has the one compatibility date, and the flags that are tested", () => {
    expect([...new Set(WORKERS.map(({ config }) => config.compatibility_date))]).toHaveLength(1);
    for (const { name, config } of WORKERS) expect(config.compatibility_flags, name).toEqual([]);
  });

  it("keeps every Worker but the gateway from the public", () => {
    for (const { name, config } of WORKERS) {
      expect(config.preview_urls, name).toBe(false);
      if (name === "gateway") continue;
      expect(config.workers_dev, name).toBe(false);
      expect(config.routes, name).toEqual([]);
      expect(config.route, name).toBeUndefined();
    }
  });

  it("has no environment of its own: environments differ by values alone", () => {
    for (const { name, config } of WORKERS) {
      expect(config.definedEnvironments, name).toEqual([]);
      const values = Object.values(config.vars);
      expect(
        values.every((value) => typeof value === "string"),
        name,
      ).toBe(true);
    }
  });

  it.each(WORKERS.map((worker) => [worker.name, worker] as const))(
    "%s declares what its Env parses, and the reverse",
    async (name, worker) => {
      const module: unknown = await import(join(folderOf(name), "src/env.ts"));
      const { Env } = z.object({ Env: z.instanceof(z.ZodObject) }).parse(module);
      expect(declaredBindings(worker)).toEqual(Object.keys(Env.shape).toSorted());
    },
  );
});

describe("bindings", () => {
  const edges = WORKERS.flatMap(({ name, config }) =>
    config.services.map((binding) => ({ from: name, ...binding })),
  );

  it("name Workers and entrypoints that exist, and tell the callee who calls", async () => {
    for (const { from, service, entrypoint, props } of edges) {
      expect(named(service), `${from} binds ${service}`).toBeDefined();
      if (entrypoint === undefined) {
        expect(from, "only the gateway forwards requests").toBe("gateway");
        continue;
      }
      expect(await indexOf(service), `${from} binds ${service}.${entrypoint}`).toMatch(
        new RegExp(`export \\{[^}]*\\b${entrypoint}\\b`),
      );
      expect(props, `${from} binds ${service}`).toEqual({ caller: from });
    }
  });

  it("form no circle, and events binds no Worker", () => {
    const visit = (name: string, path: string[]): void => {
      expect(path, `circle: ${[...path, name].join(" -> ")}`).not.toContain(name);
      for (const { from, service } of edges) if (from === name) visit(service, [...path, name]);
    };
    visit("gateway", []);
    expect(edges.filter(({ from }) => from === "events")).toEqual([]);
  });

  it("give the gateway every other Worker", () => {
    const bound = edges
      .filter(({ from, entrypoint }) => from === "gateway" && entrypoint === undefined)
      .map(({ service }) => service);
    expect(bound.toSorted()).toEqual(
      WORKERS.slice(1)
        .map(({ name }) => name)
        .toSorted(),
    );
  });
});

describe("queues", () => {
  const consumers = WORKERS.flatMap(({ name, config }) =>
    config.queues.consumers.map((consumer) => ({ name, ...consumer })),
  );
  const produced = new Set(
    WORKERS.flatMap(({ config }) => config.queues.producers.map(({ queue }) => queue)),
  );

  it("have one consumer each, and the one dead-letter queue", () => {
    expect(consumers.map(({ queue }) => queue).toSorted()).toEqual([...produced].toSorted());
    for (const { queue, dead_letter_queue, max_retries } of consumers) {
      if (queue === "dead-letters") continue;
      expect(dead_letter_queue, queue).toBe("dead-letters");
      expect(max_retries, queue).toBeGreaterThan(0);
    }
  });

  it("are one for each subscriber of the catalogue, sent to by events", () => {
    const sent = (named("events")?.config.queues.producers ?? []).map(({ queue }) => queue);
    expect(sent).toHaveLength(SUBSCRIBERS.length);
    expect(sent).not.toContain("dead-letters");
  });

  it("let each consumer give a reason when it gives up", () => {
    for (const { name, queue } of consumers) {
      if (queue === "dead-letters") continue;
      const producers = named(name)?.config.queues.producers ?? [];
      expect(producers, name).toContainEqual(
        expect.objectContaining({ binding: "DEAD_LETTERS", queue: "dead-letters" }),
      );
    }
  });
});

describe("quotas", () => {
  it("of strangers are what their rate limit counts, by the minute", () => {
    const gateway = named("gateway")?.config;
    const { anonymous } = Quotas.parse(JSON.parse(z.string().parse(gateway?.vars["QUOTAS"])));
    const strangers = gateway?.ratelimits.find(({ name }) => name === "STRANGERS");
    expect(strangers?.simple).toEqual({ limit: anonymous, period: 60 });
  });
});

describe("Durable Objects", () => {
  it("are exported and have a SQLite migration", async () => {
    for (const { name, config } of WORKERS) {
      const migrated = config.migrations.flatMap((migration) => migration.new_sqlite_classes);
      const own = config.durable_objects.bindings
        .filter(({ script_name }) => script_name === undefined)
        .map(({ class_name }) => class_name);
      expect(own.toSorted(), name).toEqual(migrated.toSorted());
      for (const className of own)
        expect(await indexOf(name)).toMatch(new RegExp(`export \\{[^}]*\\b${className}\\b`));
    }
  });
});
