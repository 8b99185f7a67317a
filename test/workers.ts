import { readdirSync } from "node:fs";
import { join } from "node:path";
import { unstable_readConfig } from "wrangler";
import { z } from "zod";

const root = join(import.meta.dirname, "..");
const list = <S extends z.ZodType>(item: S) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

/** The parts of a wrangler configuration that tests look at. */
const Config = z.object({
  name: z.string(),
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()),
  workers_dev: z.boolean(),
  preview_urls: z.boolean(),
  route: z.unknown(),
  routes: list(z.unknown()),
  definedEnvironments: list(z.string()),
  vars: z.record(z.string(), z.unknown()),
  secrets: z.object({ required: list(z.string()) }).nullish(),
  services: list(
    z.object({
      binding: z.string(),
      service: z.string(),
      entrypoint: z.string().optional(),
      props: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
  queues: z.object({
    producers: list(z.object({ binding: z.string(), queue: z.string() })),
    consumers: list(
      z.object({
        queue: z.string(),
        dead_letter_queue: z.string().optional(),
        max_retries: z.number().optional(),
      }),
    ),
  }),
  durable_objects: z.object({
    bindings: list(
      z.object({ name: z.string(), class_name: z.string(), script_name: z.string().optional() }),
    ),
  }),
  migrations: list(z.object({ new_sqlite_classes: list(z.string()) })),
  ratelimits: list(
    z.object({ name: z.string(), simple: z.object({ limit: z.number(), period: z.number() }) }),
  ),
  triggers: z.object({ crons: list(z.string()) }),
  assets: z.object({ binding: z.string().optional() }).nullish(),
});

/** Every Worker's wrangler configuration as wrangler itself reads it, the gateway first. */
export const WORKERS = [
  join(root, "wrangler.toml"),
  ...readdirSync(join(root, "workers"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("wrangler.toml"))
    .toSorted()
    .map((path) => join(root, "workers", path)),
].map((configPath) => {
  const config = Config.parse(unstable_readConfig({ config: configPath }, { hideWarnings: true }));
  return { name: config.name, configPath, config };
});
