import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SCRATCH } from "../system/scratch.ts";
import { startWorkerd, type BareServer } from "./workerd.ts";

const common = { compatibilityDate: "2026-10-01", variables: {}, objects: {} };

/** Starts two Workers that do nothing but pass a request on and answer it: what the runtime itself costs. */
export async function startBareEmpty(): Promise<BareServer> {
  writeFileSync(
    join(SCRATCH, "front.js"),
    "export default { fetch: (request, env) => env.BACK.fetch(request) };\n",
  );
  writeFileSync(
    join(SCRATCH, "back.js"),
    "export default { fetch: () => Response.json({ empty: true }) };\n",
  );
  return startWorkerd(join(SCRATCH, "empty.capnp"), [
    { ...common, name: "front", modules: ["front.js"], services: { BACK: { name: "back" } } },
    { ...common, name: "back", modules: ["back.js"], services: {} },
  ]);
}
