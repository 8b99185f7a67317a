import { Hono } from "hono";
import type { Mailbox } from "./mailbox.ts";
import { type MailFault, mailFaultSchema } from "./faults.ts";
import { inboxPage, messagePage } from "./page.ts";

// A frame inherits this policy too: a mail shows no remote picture and runs no script.
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'";

/** The inbox over HTTP: pages for people, JSON for programs, and the switch for faults. */
export function inboxApp(mailbox: Mailbox, setFault: (fault: MailFault) => void) {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header("content-security-policy", POLICY);
    c.header("x-content-type-options", "nosniff");
    c.header("referrer-policy", "no-referrer");
  });
  app.get("/", (c) => c.html(inboxPage(mailbox.list())));
  app.get("/messages/:id", (c) => {
    const message = mailbox.get(c.req.param("id"));
    return message ? c.html(messagePage(message)) : c.notFound();
  });
  app.get("/api/messages", (c) => c.json({ items: mailbox.list(c.req.query("to")) }));
  app.delete("/api/messages", async (c) => {
    await mailbox.clear();
    return c.body(null, 204);
  });
  app.put("/api/faults", async (c) => {
    const fault = mailFaultSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!fault.success) return c.json({ message: "Send {mode} with a known mode" }, 400);
    setFault(fault.data);
    return c.json(fault.data);
  });
  return app;
}
