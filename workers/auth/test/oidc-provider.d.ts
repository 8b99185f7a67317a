/** What the tests use of it; the package brings no types. */
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  interface Account {
    accountId: string;
    claims: () => Record<string, unknown> & { sub: string };
  }

  export default class Provider {
    constructor(
      issuer: string,
      configuration: {
        clients: Record<string, unknown>[];
        claims: Record<string, string[]>;
        cookies: { keys: string[] };
        features: Record<string, { enabled: boolean }>;
        pkce: { required: () => boolean };
        findAccount: (context: unknown, id: string) => Account;
        issueRefreshToken: () => Promise<boolean>;
      },
    );
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
  }
}
