import { ServerFrame, type SingleFrame } from "@souk/kit/realtime/frames";
import { expect, it } from "vitest";
import { z } from "zod";
import { eventually, request } from "../http.ts";
import { newPerson } from "../person.ts";
import { testPlatform } from "../platform.ts";
import { logLines, newWatcher, ONCE, tick, toldAll } from "./watcher.ts";

const Ticket = z.object({ ticket: z.string() });
const Told = z.object({
  type: z.literal("notification"),
  notification: z.object({ data: z.object({ alertId: z.string().optional() }) }),
});

it("the hub is evicted again and again between store and push: each frame arrives once, on the socket that slept", async () => {
  const { url, harness } = await testPlatform();
  const person = await newPerson();
  const watchers = await Promise.all(Array.from({ length: 10 }, () => newWatcher(person)));
  const { json } = await request("POST", "/api/v1/realtime/tickets", { token: person.accessToken });
  const socket = new WebSocket(
    `${url.replace("http", "ws")}/ws?ticket=${encodeURIComponent(Ticket.parse(json).ticket)}`,
  );
  const frames: SingleFrame[] = [];
  socket.addEventListener("message", ({ data }) => {
    const frame = ServerFrame.parse(JSON.parse(String(data)));
    frames.push(...(frame.type === "batch" ? frame.frames : [frame]));
  });
  socket.addEventListener("open", () => socket.send('{"type":"subscribe","channel":"inbox"}'));
  await eventually("a subscription", async () => frames.find(({ type }) => type === "subscribed"));

  const pushed = (alertId: string) =>
    frames.filter(
      (frame) =>
        frame.type === "event" && Told.safeParse(frame.data).data?.notification.data.alertId === alertId,
    );
  let evictions = 0;
  const evict = async () => {
    try {
      await harness
        .getWorker("notifications")
        .evictDurableObject("UserHub", { name: person.id, webSockets: "hibernate" });
      evictions++;
    } catch (error) {
      // It sleeps already.
      if (!String(error).includes("not currently running")) throw error;
    }
  };
  await tick();
  await eventually("every frame", async () => {
    await evict();
    return watchers.every(({ alertId }) => pushed(alertId).length > 0) || undefined;
  });
  expect(evictions).toBeGreaterThan(1);
  const counts = await toldAll(watchers);
  expect(counts).toEqual(watchers.map(() => ONCE));
  expect(watchers.map(({ alertId }) => pushed(alertId).length)).toEqual(watchers.map(() => 1));
  expect(
    await logLines("event consumed", '"service":"notifications"', '"eventType":"alert.triggered"'),
  ).not.toEqual([]);
  socket.close();
});
