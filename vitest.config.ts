import { defineConfig } from "vitest/config";
import { stubsFor } from "./test/stubs.ts";
import { localCertificateFile } from "./workers/email/test/certificate.ts";

// The plugin reads this when it is loaded: workerd then trusts the mail servers of the tests, which reach nothing outside.
process.env["NODE_EXTRA_CA_CERTS"] = localCertificateFile();
const { cloudflareTest } = await import("@cloudflare/vitest-plugin");

/** Tests of one Worker, in workerd, against a database of their own per file; the Workers it binds are stubs. */
const worker = (
  name: string,
  configPath = `./workers/${name}/wrangler.toml`,
  globalSetup: string[] = [],
) => ({
  plugins: [
    cloudflareTest(({ inject }) => ({
      wrangler: { configPath },
      miniflare: {
        workers: stubsFor(name),
        bindings: inject("environments")[name] ?? {},
      },
    })),
  ],
  test: {
    name,
    globalSetup,
    include: [`workers/${name}/**/*.test.ts`],
    setupFiles: ["./test/worker-database.ts"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    deps: {
      optimizer: {
        ssr: {
          enabled: true,
          // One bundle for all: two copies of hono do not know each other's errors and routes.
          include: [
            "hono",
            "hono/body-limit",
            "hono/cors",
            "hono/http-exception",
            "hono/method-not-allowed",
            "hono/route",
            "hono/secure-headers",
            "zod",
            "@hono/zod-openapi",
            "drizzle-orm",
            "drizzle-orm/pg-core",
            "drizzle-orm/neon-http",
            "@neondatabase/serverless",
          ],
        },
      },
    },
  },
});

/** Tests of the whole system, one after the other over the one platform that the project starts. */
const wholeSystem = (name: string, include: string[]) => ({
  test: {
    name,
    include,
    setupFiles: ["./test/scan-logs.ts"],
    // Queues log each delivery at any time: a line on its way to Vitest when the last test has ended would fail the run.
    env: { WRANGLER_LOG: "warn" },
    disableConsoleIntercept: true,
    isolate: false,
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
});

export default defineConfig({
  test: {
    globalSetup: "./test/setup.ts",
    reporters: ["default", "./test/closing-line.ts"],
    // The Workers' logs of a test are shown when it fails.
    silent: "passed-only",
    projects: [
      worker("gateway", "./wrangler.toml"),
      worker("auth", undefined, ["./workers/auth/test/surroundings.setup.ts"]),
      worker("users"),
      worker("alerts"),
      worker("notifications"),
      worker("email", undefined, ["./workers/email/test/mail-servers.setup.ts"]),
      worker("events"),
      worker("chat"),
      {
        test: {
          name: "node",
          include: [
            "packages/**/*.test.ts",
            "local/**/*.test.ts",
            "test/documents/*.test.ts",
            "test/faults/*/*.test.ts",
            "test/limits/*.test.ts",
          ],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "portability",
          include: ["test/portability/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      wholeSystem("system", ["test/*.test.ts"]),
      wholeSystem("contract", ["test/contract/**/*.test.ts"]),
      wholeSystem("faults", ["test/faults/*.test.ts"]),
      wholeSystem("operate", ["test/operate/**/*.test.ts"]),
    ],
  },
});
