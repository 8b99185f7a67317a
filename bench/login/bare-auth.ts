import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startBareSouk } from "../gateway/bare-souk.ts";
import { startWorkerd, type BareServer } from "../gateway/workerd.ts";
import type { Bundle } from "../system/bundles.ts";
import { SCRATCH } from "../system/scratch.ts";
import { CHEAP_HASH } from "./people.ts";

const IMPORTED = /import\{scrypt as (\w+)\}from"node:crypto"/g;

/**
 * A copy of the Worker that takes a digest for scrypt's answer: all that is left is what a log-in costs besides.
 * @throws Error when the bundle does not import scrypt once
 */
function withoutScrypt(auth: Bundle): Bundle {
  const outDir = `${auth.outDir}-without-scrypt`;
  cpSync(auth.outDir, outDir, { recursive: true });
  const code = readFileSync(join(outDir, "index.js"), "utf8");
  const [found, ...more] = code.matchAll(IMPORTED);
  if (found === undefined || more.length > 0) throw new Error("The bundle's scrypt cannot be found");
  const [statement, name] = found;
  const replaced = code.replace(
    statement,
    `import{createHash as ${name}Digest}from"node:crypto";const ${name}=(password,salt,bytes,cost,done)=>` +
      `done(null,${name}Digest("${CHEAP_HASH}").update(password).update(salt).digest())`,
  );
  writeFileSync(join(outDir, "index.js"), replaced);
  return { ...auth, name: `${auth.name}-without-scrypt`, outDir };
}

/** Starts `auth` in bare workerd, as it is and without scrypt. */
export async function startBareAuth(
  bundles: readonly Bundle[],
  environments: Record<string, Record<string, string>>,
): Promise<{ whole: BareServer; rest: BareServer }> {
  const auth = bundles.find(({ name }) => name === "auth");
  if (auth === undefined) throw new Error("There is no auth");
  const rest = withoutScrypt(auth);
  const environment = environments["auth"] ?? {};
  const start = (bundle: Bundle) => startBareSouk([bundle], { [bundle.name]: environment }, [bundle.name]);
  return { whole: await start(auth), rest: await start(rest) };
}

/** Starts a Worker that does nothing but hash as `auth` does, once a request. */
export async function startBareScrypt({
  ln,
  r,
  p,
}: {
  ln: number;
  r: number;
  p: number;
}): Promise<BareServer> {
  writeFileSync(
    join(SCRATCH, "scrypt.js"),
    `import { scrypt } from "node:crypto";
const salt = new Uint8Array(16);
const cost = { N: 2 ** ${ln}, r: ${r}, p: ${p}, maxmem: 64 * 1024 * 1024 };
const hash = (password) => new Promise((resolve, reject) =>
  scrypt(password, salt, 32, cost, (error, bytes) => error ? reject(error) : resolve(bytes)));
export default { fetch: async (request) => (await hash(request.url), new Response(null, { status: 204 })) };
`,
  );
  return startWorkerd(join(SCRATCH, "scrypt.capnp"), [
    { name: "scrypt", modules: ["scrypt.js"], compatibilityDate: "2026-10-01", variables: {}, services: {} },
  ]);
}
