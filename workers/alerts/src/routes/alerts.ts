import type { App } from "@souk/kit/app";
import { IDEMPOTENT_PROBLEMS, IdempotencyKey, REPLAYABLE, REPLAYED_HEADER } from "@souk/kit/idempotency";
import { PageQuery } from "@souk/kit/pagination";
import { defineRoute, problem } from "@souk/kit/route";
import { z } from "zod";
import type { Env } from "../env.ts";
import {
  Alert,
  AlertChange,
  AlertHistoryPage,
  AlertId,
  AlertPage,
  AlertQuery,
  NewAlert,
} from "../schemas.ts";
import { createAlert } from "../services/create-alert.ts";
import { deleteAlert } from "../services/delete-alert.ts";
import { listAlerts } from "../services/list-alerts.ts";
import { putAlert } from "../services/put-alert.ts";
import { readAlertHistory } from "../services/read-alert-history.ts";
import { readAlert } from "../services/read-alert.ts";
import { updateAlert } from "../services/update-alert.ts";

const ALERTS = "/api/v1/alerts";
const ALERT = "/api/v1/alerts/{id}";
const tags = ["alerts"];

const alert = (description: string) => ({ description, content: { "application/json": { schema: Alert } } });

const create = defineRoute({
  method: "post",
  path: ALERTS,
  access: "user",
  scope: "alerts:write",
  operationId: "createAlert",
  summary: "Create an alert",
  description:
    "It is judged by the first price that is polled after it was made. An account may have 200 alerts.",
  tags,
  request: {
    headers: z.object({ "Idempotency-Key": IdempotencyKey.optional() }),
    body: { required: true, content: { "application/json": { schema: NewAlert } } },
  },
  responses: {
    201: { ...alert("The new alert"), headers: REPLAYABLE },
    409: problem(
      "The client id is taken, you have 200 alerts, or a request with the same `Idempotency-Key` is under way",
    ),
    ...IDEMPOTENT_PROBLEMS,
  },
});

const put = defineRoute({
  method: "put",
  path: ALERTS,
  access: "user",
  scope: "alerts:write",
  operationId: "putAlert",
  summary: "Create or change an alert",
  description:
    "Means the alert with the same `clientId`; without one, yours that watches the same (metal, currency, type, threshold, unit, karat) and is not done. A repeat changes nothing.",
  tags,
  request: { body: { required: true, content: { "application/json": { schema: NewAlert } } } },
  responses: {
    200: alert("The changed alert"),
    201: alert("The new alert"),
    409: problem("You have 200 alerts"),
  },
});

const list = defineRoute({
  method: "get",
  path: ALERTS,
  access: "user",
  scope: "alerts:read",
  operationId: "listAlerts",
  summary: "List my alerts",
  description:
    "Newest first, page by page; `active` lists only those that may still fire, or only the others.",
  tags,
  request: { query: AlertQuery },
  responses: {
    200: { description: "Your alerts, newest first", content: { "application/json": { schema: AlertPage } } },
  },
});

const read = defineRoute({
  method: "get",
  path: ALERT,
  access: "user",
  scope: "alerts:read",
  operationId: "readAlert",
  summary: "Read an alert",
  description: "One of your own alerts, with its present state.",
  tags,
  request: { params: AlertId },
  responses: { 200: alert("The alert") },
});

const update = defineRoute({
  method: "patch",
  path: ALERT,
  access: "user",
  scope: "alerts:write",
  operationId: "updateAlert",
  summary: "Change an alert",
  description:
    "A field left out keeps its value. A new type, threshold, unit or karat sets the alert anew, as if just created, and so does switching it on with `active`.",
  tags,
  request: {
    params: AlertId,
    body: { required: true, content: { "application/json": { schema: AlertChange } } },
  },
  responses: { 200: alert("The changed alert") },
});

const remove = defineRoute({
  method: "delete",
  path: ALERT,
  access: "user",
  scope: "alerts:write",
  operationId: "deleteAlert",
  summary: "Delete an alert and its history",
  description:
    "It cannot be undone: what it recorded each time it fired goes too. Notifications and mails already sent stay.",
  tags,
  request: { params: AlertId },
  responses: { 204: { description: "Deleted" } },
});

const history = defineRoute({
  method: "get",
  path: "/api/v1/alerts/{id}/history",
  access: "user",
  scope: "alerts:read",
  operationId: "readAlertHistory",
  summary: "Read when an alert fired",
  description: "Newest first, with the price that fired it and the threshold as it was at that time.",
  tags,
  request: { params: AlertId, query: PageQuery },
  responses: {
    200: {
      description: "Each time it fired, newest first",
      content: { "application/json": { schema: AlertHistoryPage } },
    },
  },
});

/** The caller's price alerts. */
export function registerAlerts(app: App<Env>): void {
  app.openapi(create, async (c) => {
    const key = c.req.valid("header")["Idempotency-Key"];
    const request =
      key === undefined ? undefined : { route: "createAlert", key, payload: await c.req.json<unknown>() };
    const { alert: made, replayed } = await createAlert(c.get("context"), c.req.valid("json"), request);
    return c.json(made, 201, replayed ? { [REPLAYED_HEADER]: "true" } : {});
  });
  app.openapi(put, async (c) => {
    const { alert: stored, created } = await putAlert(c.get("context"), c.req.valid("json"));
    return created ? c.json(stored, 201) : c.json(stored, 200);
  });
  app.openapi(list, async (c) => c.json(await listAlerts(c.get("context"), c.req.valid("query")), 200));
  app.openapi(read, async (c) => c.json(await readAlert(c.get("context"), c.req.valid("param").id), 200));
  app.openapi(update, async (c) =>
    c.json(await updateAlert(c.get("context"), c.req.valid("param").id, c.req.valid("json")), 200),
  );
  app.openapi(remove, async (c) => {
    await deleteAlert(c.get("context"), c.req.valid("param").id);
    return c.body(null, 204);
  });
  app.openapi(history, async (c) =>
    c.json(await readAlertHistory(c.get("context"), c.req.valid("param").id, c.req.valid("query")), 200),
  );
}
