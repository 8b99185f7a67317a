import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { Rebuild, RebuildQuery } from "../schemas/conversation.ts";
import { rebuildArchive } from "../services/rebuild-archive.ts";

const rebuild = defineRoute({
  method: "post",
  path: "/api/v1/conversation-rebuilds",
  access: "admin",
  operationId: "rebuildConversationArchive",
  summary: "Write the archive of conversations anew",
  description:
    "Has the next conversations write directory, search and archive from what they hold: what is missing comes back, what is wrong is made right, and what they do not hold goes. Ask again with `nextCursor` until it is null.",
  tags: ["conversations"],
  request: { query: RebuildQuery },
  responses: {
    202: { description: "They have begun", content: { "application/json": { schema: Rebuild } } },
  },
});

/** The archive itself, for operators. */
export function registerRebuilds(app: App<Env>): void {
  app.openapi(rebuild, async (c) =>
    c.json(await rebuildArchive(c.get("context"), c.req.valid("query").cursor), 202),
  );
}
