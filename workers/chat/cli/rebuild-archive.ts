import { parseArgs } from "node:util";
import { logIn } from "../../../local/admin-call.ts";
import { devPorts } from "../../../local/dev-ports.ts";
import { Rebuild } from "../src/schemas/conversation.ts";

const USAGE = `Write directory, search and archive of all conversations anew, from what their objects hold:
  npm run chat:rebuild
Set SOUK_ADMIN_EMAIL and SOUK_ADMIN_PASSWORD to an admin's. --url names the API; without it, that of npm run dev.
What is missing comes back, what is wrong is made right, and what the objects do not hold goes.`;

try {
  const { values } = parseArgs({
    options: { url: { type: "string", default: `http://127.0.0.1:${devPorts(process.env).api}` } },
  });
  const call = await logIn(values.url, USAGE);
  let conversations = 0;
  for (let cursor: string | null = ""; cursor !== null;) {
    const query: string = cursor && `?cursor=${encodeURIComponent(cursor)}`;
    const answer = await call(`/api/v1/conversation-rebuilds${query}`, "POST");
    const rebuild = Rebuild.parse(answer);
    conversations += rebuild.conversations;
    cursor = rebuild.nextCursor;
  }
  console.log(`${conversations} conversations write their archive anew.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
