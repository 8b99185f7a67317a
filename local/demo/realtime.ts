import type { Souk } from "@souk/client";
import { z } from "zod";
import { step } from "./step.ts";
import { until } from "./until.ts";

const frameSchema = z.looseObject({ type: z.string(), notification: z.unknown().optional() });
const notificationSchema = z.object({
  id: z.string(),
  type: z.string(),
  title: z.string(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()),
});
type DemoNotification = z.output<typeof notificationSchema>;

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
      const frame = frameSchema.parse(JSON.parse(z.string().parse(data)));
      types.push(frame.type);
      if (frame.type !== "notification") return;
      const notification = notificationSchema.parse(frame.notification);
      notifications.set(notification.id, notification);
    });
    socket.addEventListener(
      "close",
      ({ code, reason }) => (problem = `the WebSocket was closed: ${code} ${reason}`),
    );
    const check = (): void => {
      if (problem !== undefined) throw new Error(problem);
    };
    await until("the first frame", () => {
      check();
      return types[0];
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
