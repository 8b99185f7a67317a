import type { Context } from "./context.ts";
import { maskText } from "./mask.ts";
import type { Work } from "./otlp-span.ts";
import type { Answer } from "./request-context.ts";

/**
 * An answered request as a span tells it (S3-OBS-07). Its address is the route's template: paths name people, queries carry tickets.
 * The request id leads to the path in the log.
 */
export function requestWork(
  { requestId }: Pick<Context, "requestId">,
  { method, route, status, ms }: Answer,
  request: Request,
): Work {
  return {
    name: `${method} ${route}`,
    kind: "server",
    ms,
    failed: status >= 500,
    attributes: {
      "http.method": method,
      "http.url": new URL(request.url).origin + route,
      "http.route": route,
      "http.user_agent": maskText(request.headers.get("user-agent") ?? ""),
      "http.status_code": status,
      "request.id": requestId,
    },
  };
}
