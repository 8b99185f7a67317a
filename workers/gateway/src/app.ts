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
import { isClosable } from "./admission/closed.ts";
import { admit } from "./middleware/admit.ts";
import { answerHeaders } from "./middleware/answer-headers.ts";
import { cached } from "./middleware/cached.ts";
import { preflight } from "./middleware/cross-origin.ts";
import { forward } from "./middleware/forward.ts";
import { lifecycleHeaders } from "./middleware/lifecycle-headers.ts";
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
);
answerFailures(app, "gateway");

for (const row of ROUTING_TABLE) {
  const { path, worker, methods, cache: policy, costs, lifecycles, scopes } = row;
  const pattern = path.replaceAll(/\{(\w+)\}/g, ":$1");
  for (const [method, access] of Object.entries(methods)) {
    const lifecycle = lifecycles?.[method];
    if (lifecycle !== undefined) app.on(method, pattern, lifecycleHeaders(lifecycle));
    if (method !== "GET") app.on(method, pattern, bodyLimit({ maxSize: MAX_BODY_BYTES }));
    const name = `${method} ${path}`;
    const cost = costs?.[method] ?? 1;
    app.on(
      method,
      pattern,
      admit({ name, access, scope: scopes?.[method], cost, closable: isClosable(row) }),
    );
    if (worker === "gateway") continue;
    if (method !== "GET") app.on(method, pattern, versionToken);
    app.on(method, pattern, policy && method === "GET" ? cached(worker, policy) : forward(worker));
  }
}
registerHealth(app);
registerReadiness(app);
registerControl(app);
registerCachePurges(app);
registerFlags(app);
registerMetrics(app);
registerPages(app);

// Last, since whoever answers goes no further: only what nobody answers costs this.
app.use(
  preflight,
  methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) => {
      const allow = methods.join(", ");
      const where = { path: c.req.path, requestId: c.get("context").requestId };
      return problemResponse(new AppError("method_not_allowed", `This path takes ${allow}.`), where, {
        allow,
      });
    },
  }),
);
