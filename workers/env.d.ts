/// <reference types="@cloudflare/vitest-plugin/types" />

declare namespace Cloudflare {
  /** What tests may read of a Worker's raw environment; Workers themselves parse theirs with zod. */
  interface Env {
    DATABASE_URL: string;
  }

  /** The Worker under test, as `exports.default` of `cloudflare:workers`. */
  interface GlobalProps {
    mainModule: { default: ExportedHandler<object> };
  }
}
