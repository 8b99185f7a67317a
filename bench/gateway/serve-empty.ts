import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";

/** Two Workers that do nothing but pass a request on and answer it: what the runtime itself costs. */
const common = { compatibilityDate: "2026-10-01", modules: true };
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    workers: [
      {
        ...common,
        name: "front",
        script: "export default { fetch: (request, env) => env.BACK.fetch(request) }",
        serviceBindings: { BACK: "back" },
        unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      },
      { ...common, name: "back", script: `export default { fetch: () => Response.json({ empty: true }) }` },
    ],
    cf: false,
    log: new Log(LogLevel.WARN),
  }),
);
await miniflare.ready;
process.once("SIGTERM", () => void miniflare.dispose().finally(() => process.exit(0)));
const url = await miniflare.unsafeGetDirectURL("front");
process.send?.({ url: url.origin });
