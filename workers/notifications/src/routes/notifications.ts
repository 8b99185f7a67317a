import type { App } from "@souk/kit/app";
import { defineRoute } from "@souk/kit/route";
import type { Env } from "../env.ts";
import {
  Notification,
  NotificationId,
  NotificationPage,
  NotificationQuery,
  ReadCount,
  UnreadCount,
} from "../schemas.ts";
import { countUnread } from "../services/count-unread.ts";
import { listNotifications } from "../services/list-notifications.ts";
import { readAllNotifications } from "../services/read-all-notifications.ts";
import { readNotification } from "../services/read-notification.ts";

const list = defineRoute({
  method: "get",
  path: "/api/v1/notifications",
  access: "user",
  scope: "notifications:read",
  operationId: "listNotifications",
  summary: "List my notifications, newest first",
  description: "Page by page, all or only the unread.",
  tags: ["notifications"],
  request: { query: NotificationQuery },
  responses: {
    200: { description: "One page", content: { "application/json": { schema: NotificationPage } } },
  },
});

const count = defineRoute({
  method: "get",
  path: "/api/v1/notifications/unread-count",
  access: "user",
  scope: "notifications:read",
  operationId: "countUnreadNotifications",
  summary: "Count my unread notifications",
  description: "The number for a badge; open sockets are told it as it changes.",
  tags: ["notifications"],
  responses: { 200: { description: "The count", content: { "application/json": { schema: UnreadCount } } } },
});

const read = defineRoute({
  method: "put",
  path: "/api/v1/notifications/{id}/read",
  access: "user",
  scope: "notifications:write",
  operationId: "readNotification",
  summary: "Mark one notification read",
  description: "A notification that was read keeps the time at which it first was.",
  tags: ["notifications"],
  request: { params: NotificationId },
  responses: {
    200: { description: "The notification", content: { "application/json": { schema: Notification } } },
  },
});

const readAll = defineRoute({
  method: "put",
  path: "/api/v1/notifications/read-all",
  access: "user",
  scope: "notifications:write",
  operationId: "readAllNotifications",
  summary: "Mark all my notifications read",
  description: "All that are there at this moment; later ones stay unread.",
  tags: ["notifications"],
  responses: {
    200: { description: "How many were unread", content: { "application/json": { schema: ReadCount } } },
  },
});

/** The caller's own notifications. */
export function registerNotifications(app: App<Env>): void {
  app.openapi(list, async (c) =>
    c.json(await listNotifications(c.get("context"), c.req.valid("query")), 200),
  );
  app.openapi(count, async (c) => c.json(await countUnread(c.get("context")), 200));
  app.openapi(read, async (c) =>
    c.json(await readNotification(c.get("context"), c.req.valid("param").id), 200),
  );
  app.openapi(readAll, async (c) => c.json(await readAllNotifications(c.get("context")), 200));
}
