import { parseArgs } from "node:util";
import type { z } from "zod";
import { type AdminCall, logIn } from "../../../local/admin-call.ts";
import { devPorts } from "../../../local/dev-ports.ts";
import { DeadLetterPage, Replay } from "../src/schemas.ts";

const USAGE = `Replay a part of the event log to one subscriber:
  npm run events:replay -- --subscriber NAME --from TIME --to TIME [--types TYPE,TYPE]
Replay every open dead letter:
  npm run events:replay -- --dead-letters
Set SOUK_ADMIN_EMAIL and SOUK_ADMIN_PASSWORD to an admin's. --url names the API; without it, that of npm run dev.`;

async function replayDeadLetters(call: AdminCall): Promise<void> {
  let replayed = 0;
  let refused = 0;
  let cursor: string | null = "";
  while (cursor !== null) {
    const path: string = `/api/v1/events/dead-letters?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const page: z.infer<typeof DeadLetterPage> = DeadLetterPage.parse(await call(path, "GET"));
    for (const letter of page.items) {
      try {
        await call(`/api/v1/events/dead-letters/${letter.id}/replay`, "POST");
        replayed++;
      } catch (error) {
        refused++;
        console.error(`${letter.id}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    cursor = page.nextCursor;
  }
  console.log(`${replayed} dead letters sent again, ${refused} refused.`);
  if (refused > 0) process.exitCode = 1;
}

try {
  const { values } = parseArgs({
    options: {
      url: { type: "string", default: `http://127.0.0.1:${devPorts(process.env).api}` },
      subscriber: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      types: { type: "string" },
      "dead-letters": { type: "boolean", default: false },
    },
  });
  const { url, subscriber, from, to, types } = values;
  const part = subscriber !== undefined && from !== undefined && to !== undefined;
  if (part === values["dead-letters"]) throw new Error(USAGE);
  const call = await logIn(url, USAGE);
  if (values["dead-letters"]) await replayDeadLetters(call);
  else {
    const request = { subscriber, from, to, ...(types !== undefined && { types: types.split(",") }) };
    let sent = 0;
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const part = { ...request, ...(cursor !== undefined && { cursor }) };
      const replay = Replay.parse(await call("/api/v1/events/replays", "POST", part));
      sent += replay.sent;
      cursor = replay.nextCursor;
    }
    console.log(`${sent} events sent again to ${subscriber}.`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
