import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { unstable_readConfig } from "wrangler";
import { z } from "zod";
import { SCRATCH } from "../system/scratch.ts";
import type { Bundle } from "../system/bundles.ts";
import { countingInMemory } from "../system/rate-limits.ts";
import { startWorkerd, type BareServer, type BareWorker } from "./workerd.ts";

/** The Workers that the measured request meets: the token's keys are read from `auth` once. */
const NEEDED = ["gateway", "alerts", "auth"];

const Service = z.object({
  binding: z.string(),
  service: z.string(),
  entrypoint: z.string().optional(),
  props: z.unknown().optional(),
});
const Producer = z.object({ binding: z.string() });
const Named = z.object({ name: z.string() });
const Objects = z.object({ name: z.string(), class_name: z.string() });

/** Stands for every Worker and every asset that the measured request does not meet. */
const NOBODY = `import { WorkerEntrypoint } from "cloudflare:workers";
export class EventsRpc extends WorkerEntrypoint { async wake() {} }
export default { fetch: () => new Response(null, { status: 404 }) };
`;

function describe(
  { name, path }: Bundle,
  environment: Record<string, string>,
  needed: readonly string[],
): BareWorker {
  const config = unstable_readConfig({ config: path }, { hideWarnings: true });
  const services = Object.fromEntries(
    Service.array()
      .parse(config.services ?? [])
      .map(({ binding, service, entrypoint, props }) => [
        binding,
        needed.includes(service)
          ? { name: service, entrypoint, props }
          : { name: "nobody", entrypoint, props },
      ]),
  );
  const limits = Named.array()
    .parse(config.ratelimits)
    .map((limit) => limit.name);
  const main = `bundles/${name}/index.js`;
  if (limits.length > 0) writeFileSync(join(SCRATCH, `counting-${name}.js`), countingInMemory(main, limits));
  return {
    name,
    modules: limits.length > 0 ? [`counting-${name}.js`, main] : [main],
    compatibilityDate: config.compatibility_date ?? "",
    variables: { ...config.vars, ...environment },
    objects: Objects.array()
      .parse(config.durable_objects.bindings)
      .map(({ name: binding, class_name }) => ({ binding, className: class_name })),
    queues: Producer.array()
      .parse(config.queues.producers ?? [])
      .map(({ binding }) => ({ binding, name: "nobody" })),
    services: { ...services, ...(config.assets?.binding && { [config.assets.binding]: { name: "nobody" } }) },
  };
}

/**
 * Starts Workers in bare workerd, from the minified bundles: without a choice the gateway and what stands behind the measured request.
 * @param needed their names; the first of the bundles among them is the one that is reached
 */
export async function startBareSouk(
  bundles: readonly Bundle[],
  environments: Record<string, Record<string, string>>,
  needed: readonly string[] = NEEDED,
): Promise<BareServer> {
  writeFileSync(join(SCRATCH, "nobody.js"), NOBODY);
  const workers = bundles
    .filter(({ name }) => needed.includes(name))
    .map((bundle) => describe(bundle, environments[bundle.name] ?? {}, needed));
  const nobody = {
    name: "nobody",
    modules: ["nobody.js"],
    compatibilityDate: "2026-10-01",
    variables: {},
    services: {},
  };
  return startWorkerd(join(SCRATCH, `${needed.join("-")}.capnp`), [...workers, nobody]);
}
