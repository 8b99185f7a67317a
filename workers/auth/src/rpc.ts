import { answerCall } from "@souk/kit/answer-call";
import { parseEnv } from "@souk/kit/config";
import { createContext, type Context } from "@souk/kit/context";
import { requireCaller } from "@souk/kit/require-caller";
import type { AuthService, Contact, ExportPage, KnownApiKey, LinkPurpose } from "@souk/kit/rpc";
import { HOLDERS } from "@souk/kit/personal-data";
import { WorkerEntrypoint } from "cloudflare:workers";
import { Env } from "./env.ts";
import { storeExport } from "./services/store-export.ts";
import { findBarred } from "./services/find-barred.ts";
import { mintLink } from "./services/mint-link.ts";
import { mintMailSignIn } from "./services/mint-mail-sign-in.ts";
import { readRevokedSessions } from "./services/read-revoked-sessions.ts";
import { readFormerContact } from "./services/read-former-contact.ts";
import { readContact } from "./services/read-contact.ts";
import { useApiKey } from "./services/use-api-key.ts";

/** Who may call what; nobody else may. */
const CALLERS: Record<keyof AuthService, readonly string[]> = {
  apiKey: ["gateway"],
  barred: ["chat"],
  contact: ["users", "email"],
  formerContact: ["email"],
  mintLink: ["email"],
  mintMailSignIn: ["email"],
  revokedSessions: ["gateway"],
  storeExport: HOLDERS,
};

/** What other Workers ask of `auth`; the caller is named by its binding's props. */
export class AuthRpc extends WorkerEntrypoint<object, { caller?: string }> implements AuthService {
  async contact(userId: string, traceparent?: string): Promise<Contact | null> {
    return this.#answer("contact", traceparent, (context) => readContact(context, userId));
  }

  async formerContact(userId: string, traceparent?: string): Promise<Contact | null> {
    return this.#answer("formerContact", traceparent, (context) => readFormerContact(context, userId));
  }

  async storeExport(
    copy: { userId: string; exportId: string },
    pages: ExportPage[],
    traceparent?: string,
  ): Promise<Omit<ExportPage, "rows">[]> {
    return this.#answer("storeExport", traceparent, (context, caller) =>
      storeExport(context, caller, copy, pages),
    );
  }

  async mintLink(
    userId: string,
    purpose: LinkPurpose,
    traceparent?: string,
  ): Promise<(Contact & { url: string }) | null> {
    return this.#answer("mintLink", traceparent, (context) => mintLink(context, userId, purpose));
  }

  async mintMailSignIn(
    mailSignInId: string,
    traceparent?: string,
  ): Promise<(Contact & { url: string; code: string }) | null> {
    return this.#answer("mintMailSignIn", traceparent, (context) => mintMailSignIn(context, mailSignInId));
  }

  async apiKey(id: string, hash: string, traceparent?: string): Promise<KnownApiKey | null> {
    return this.#answer("apiKey", traceparent, (context) => useApiKey(context, id, hash));
  }

  async revokedSessions(traceparent?: string): Promise<string[]> {
    return this.#answer("revokedSessions", traceparent, readRevokedSessions);
  }

  async barred(userIds: string[], traceparent?: string): Promise<string[]> {
    return this.#answer("barred", traceparent, (context) => findBarred(context, userIds));
  }

  async #answer<T>(
    method: keyof AuthService,
    traceparent: string | undefined,
    work: (context: Context<Env>, caller: string) => Promise<T>,
  ): Promise<T> {
    const caller = requireCaller(this.ctx.props, method, CALLERS[method]);
    const context = createContext(parseEnv(Env, this.env), {
      service: "auth",
      waitUntil: (task) => this.ctx.waitUntil(task),
      traceparent,
    });
    return answerCall(context, { method, caller }, () => work(context, caller));
  }
}
