import type { Platform } from "./platform.ts";
import { StepFailed } from "./demo/step-failed.ts";
import { StartError } from "./start-error.ts";

/** A line of progress: a part or step and how long it took. */
export function reportDone(what: string, ms: number): void {
  console.log(`  ✓ ${what.padEnd(72)} ${(ms / 1000).toFixed(1).padStart(5)} s`);
}

/** The addresses of a running platform, as a table for a person. */
export function addressTable({ apiUrl, inboxUrl, prices, databaseUrl }: Platform): string {
  const rows = [
    ["API", apiUrl],
    ["API reference", `${apiUrl}/docs`],
    ["Chat page", `${apiUrl}/app/chat`],
    ["Inbox", inboxUrl],
    ["Price source", prices.url],
    ["Database", databaseUrl],
  ];
  return rows.map(([name = "", address = ""]) => `  ${name.padEnd(14)} ${address}`).join("\n");
}

/** What a person is told of a failure: one line for a StartError, all there is for anything else. */
export function explain(error: unknown): string {
  if (error instanceof StartError || error instanceof StepFailed) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
