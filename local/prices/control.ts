import { Hono } from "hono";
import { z } from "zod";
import { type PriceFault, priceFaultSchema } from "./faults.ts";
import { pricesPage } from "./page.ts";
import type { Replay } from "./replay.ts";

const positionSchema = z.object({ month: z.string() });

/** The replay's page and API: read where it stands, move it, set faults. */
export function control(replay: Replay, setFault: (fault: PriceFault) => void) {
  const app = new Hono();
  const ended = { message: "The series ends here; set another position" };
  app.get("/", (c) => c.html(pricesPage(replay.state())));
  app.post("/tick", (c) => {
    replay.tick();
    return c.redirect("/", 303);
  });
  app.get("/api/state", (c) => c.json(replay.state()));
  app.post("/api/tick", (c) => {
    const state = replay.tick();
    return state ? c.json(state) : c.json(ended, 409);
  });
  app.put("/api/position", async (c) => {
    const position = positionSchema.safeParse(await c.req.json().catch(() => undefined));
    const state = position.success ? replay.position(position.data.month) : undefined;
    return state ? c.json(state) : c.json({ message: 'Send {"month": "YYYY-MM"} of the series' }, 400);
  });
  app.put("/api/faults", async (c) => {
    const fault = priceFaultSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!fault.success) return c.json({ message: "Send {source, mode} with known values" }, 400);
    setFault(fault.data);
    return c.json(fault.data);
  });
  return app;
}
