import { prices, quotes } from "@souk/db/schema/alerts";
import { afterEach, expect, it, vi } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { fakeSources } from "../../test/fake-sources.ts";
import { runCron } from "../../test/run-cron.ts";

const db = ownerDatabase();
const at = new Date("2024-01-02T12:00:00Z");

afterEach(() => vi.restoreAllMocks());

/** Never answers; ends only when it is given up. */
const hang = (init: RequestInit | undefined) =>
  new Promise<Response>((_, reject) =>
    init?.signal?.addEventListener("abort", () => reject(new Error("given up"))),
  );

it(
  "gives a source that hangs up in time, repeats one that is down, and stores what the others say",
  { timeout: 40_000 },
  async () => {
    let down = 2;
    const calls = fakeSources((source) => {
      if (source === "goldapi") return hang;
      if (source === "metalsdev" && down-- > 0)
        return () => new Response("Service Unavailable", { status: 503 });
      return { price: 100, at };
    });
    const start = performance.now();
    await runCron(at);
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(calls.filter((source) => source === "goldapi")).toHaveLength(3);
    expect(calls.filter((source) => source === "metalsdev")).toHaveLength(3);
    expect(await db.select().from(quotes)).toHaveLength(2);
    expect(await db.select().from(prices)).toMatchObject([{ price: "100", sources: 2 }]);
  },
);
