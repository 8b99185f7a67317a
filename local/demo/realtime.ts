import type { Souk } from "@souk/client";
import { ServerFrame } from "@souk/kit/realtime/frames";
import { z } from "zod";
import { step } from "./step.ts";
import { until } from "./until.ts";

const toldSchema = z.object({
  type: z.literal("notification"),
  notification: z.object({
    id: z.string(),
    type: z.string(),
    title: z.string(),
    message: z.string(),
    data: z.record(z.string(), z.unknown()),
  }),
});
type DemoNotification = z.output<typeof toldSchema>["notification"];

/** An open WebSocket and the notifications that came over it, each once. */
export interface Realtime {
  notifications(): DemoNotification[];
  close(): void;
}

export function openRealtime(souk: Souk, apiUrl: string): Promise<Realtime> {
  return step("Open the WebSocket", async () => {
    const { ticket } = (await souk.POST("/api/v1/realtime/tickets")).data;
    const socket = new WebSocket(`${apiUrl.replace(/^http/, "ws")}/ws?ticket=${encodeURIComponent(ticket)}`);
    const types: string[] = [];
    const notifications = new Map<string, DemoNotification>();
    let problem: string | undefined;
    socket.addEventListener("message", ({ data }) => {
      const frame = ServerFrame.parse(JSON.parse(z.string().parse(data)));
      for (const single of frame.type === "batch" ? frame.frames : [frame]) {
        types.push(single.type);
        const told = toldSchema.safeParse(single.type === "event" && single.data).data;
        if (told !== undefined) notifications.set(told.notification.id, told.notification);
      }
    });
    socket.addEventListener("open", () => socket.send('{"type":"subscribe","channel":"inbox"}'));
    socket.addEventListener(
      "close",
      ({ code, reason }) => (problem = `the WebSocket was closed: ${code} ${reason}`),
    );
    const check = (): void => {
      if (problem !== undefined) throw new Error(problem);
    };
    await until("the subscription", () => {
      check();
      return types.find((type) => type === "subscribed");
    });
    if (types[0] !== "hello") throw new Error(`the first frame was ${types[0]} instead of hello`);
    const notificationsSoFar = (): DemoNotification[] => {
      check();
      return [...notifications.values()];
    };
    return {
      observed: "the WebSocket is open and says hello",
      found: { notifications: notificationsSoFar, close: () => socket.close() },
    };
  });
}
