import { OpenAPIHono } from "@hono/zod-openapi";
import { refuseInvalid } from "@souk/kit/app";
import { AppError } from "@souk/kit/errors";
import { answerFailures } from "@souk/kit/failures";
import { problemResponse } from "@souk/kit/problem";
import { requestContext, type AppTypes } from "@souk/kit/request-context";
import { bodyLimit } from "hono/body-limit";
import { methodNotAllowed } from "hono/method-not-allowed";
import { canonicalPath, splitUrl } from "./canonical-path.ts";
import { Env } from "./env.ts";
import { inboundRequestId } from "./inbound-request-id.ts";
import { answerHeaders } from "./middleware/answer-headers.ts";
import { cache } from "./middleware/cache.ts";
import { preflight } from "./middleware/cross-origin.ts";
import { strangersQuota } from "./middleware/flood-limit.ts";
import { forward } from "./middleware/forward.ts";
import { gate, isClosable } from "./middleware/gate.ts";
import { identity } from "./middleware/identity.ts";
import { lifecycleHeaders } from "./middleware/lifecycle-headers.ts";
import { quota } from "./middleware/quota.ts";
import { countBegin, countEnd } from "./metrics/isolate.ts";
import { versionToken } from "./middleware/version-token.ts";
import { RememberingRouter } from "./remembering-router.ts";
import { registerCachePurges } from "./routes/cache-purges.ts";
import { registerControl } from "./routes/control.ts";
import { registerFlags } from "./routes/flags.ts";
import { registerHealth } from "./routes/health.ts";
import { registerMetrics } from "./routes/metrics.ts";
import { registerPages } from "./routes/pages.ts";
import { registerReadiness } from "./routes/readiness.ts";
import { ROUTING_TABLE } from "./routing-table.ts";

const MAX_BODY_BYTES = 1024 * 1024;

export const app = new OpenAPIHono<AppTypes<Env>>({
  router: new RememberingRouter(),
  defaultHook: refuseInvalid,
  getPath: (request) => canonicalPath(splitUrl(request.url).pathname),
});

app.use(
  requestContext(Env, "gateway", (headers) => ({ requestId: inboundRequestId(headers), actor: null }), {
    begin: countBegin,
    end: countEnd,
  }),
  answerHeaders,
  preflight,
  methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) => {
      const allow = methods.join(", ");
      const where = { path: c.req.path, requestId: c.var.context.requestId };
      return problemResponse(new AppError("method_not_allowed", `This path takes ${allow}.`), where, {
        allow,
      });
    },
  }),
);
answerFailures(app, "gateway");

// Only a known path with a known method gets as far as these: an unknown one costs nothing more.
for (const row of ROUTING_TABLE) {
  const { path, worker, methods, cache: policy, costs, lifecycles, scopes } = row;
  const pattern = path.replaceAll(/\{(\w+)\}/g, ":$1");
  for (const [method, access] of Object.entries(methods)) {
    const lifecycle = lifecycles?.[method];
    if (lifecycle !== undefined) app.on(method, pattern, lifecycleHeaders(lifecycle));
    if (isClosable(row)) app.on(method, pattern, gate(method, path));
    if (method !== "GET") app.on(method, pattern, bodyLimit({ maxSize: MAX_BODY_BYTES }));
    app.on(method, pattern, strangersQuota, identity(access, scopes?.[method]), quota(costs?.[method] ?? 1));
    if (worker === "gateway") continue;
    if (method !== "GET") app.on(method, pattern, versionToken);
    else if (policy !== undefined) app.on(method, pattern, cache(worker, policy));
    app.on(method, pattern, forward(worker));
  }
}
registerHealth(app);
registerReadiness(app);
registerControl(app);
registerCachePurges(app);
registerFlags(app);
registerMetrics(app);
registerPages(app);
