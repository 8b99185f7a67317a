// The peer's gateway: Express 5 with the middleware that the source designs name, in the order that their documents recommend.
import { Agent } from "node:http";
import cors from "cors";
import express from "express";
import { rateLimit } from "express-rate-limit";
import helmet from "helmet";
import { createProxyMiddleware } from "http-proxy-middleware";
import jwt from "jsonwebtoken";
import { pinoHttp } from "pino-http";
import { collectDefaultMetrics, Histogram, Registry } from "prom-client";

const options = JSON.parse(process.argv[2] ?? "{}");
const registry = new Registry();
collectDefaultMetrics({ register: registry });
const durations = new Histogram({
  name: "http_request_duration_seconds",
  help: "Time to answer",
  labelNames: ["method", "route", "status"],
  registers: [registry],
});

const app = express();
app.disable("x-powered-by");
app.use(pinoHttp());
app.use((request, response, next) => {
  const end = durations.startTimer();
  response.on("finish", () =>
    end({ method: request.method, route: request.baseUrl, status: response.statusCode }),
  );
  next();
});
app.use(helmet());
app.use(cors({ origin: options.origin }));
app.use(
  rateLimit({ windowMs: 60_000, limit: 1_000_000_000, standardHeaders: "draft-8", legacyHeaders: false }),
);
app.get("/metrics", async (_request, response) =>
  response.type(registry.contentType).send(await registry.metrics()),
);

// Only in the second peer: verdicts are kept for a minute, as our gateway does.
const verdicts = options.keepVerdicts ? new Map() : undefined;

function verify(token) {
  const kept = verdicts?.get(token);
  if (kept !== undefined && Date.now() < kept.until) return kept.claims;
  const claims = jwt.verify(token, options.publicKey, {
    algorithms: ["ES256"],
    issuer: options.issuer,
    audience: options.audience,
  });
  verdicts?.set(token, { claims, until: Date.now() + 60_000 });
  return claims;
}

app.use((request, response, next) => {
  try {
    const claims = verify((request.headers.authorization ?? "").replace(/^Bearer /, ""));
    request.headers["x-user-id"] = claims.sub;
    request.headers["x-user-role"] = claims.role;
    delete request.headers.authorization;
    next();
  } catch {
    response.status(401).json({ error: "Unauthorized" });
  }
});
app.use(
  "/api/v1/prices",
  createProxyMiddleware({
    target: `${options.serviceUrl}/api/v1/prices`,
    agent: new Agent({ keepAlive: true, maxSockets: 256 }),
    changeOrigin: true,
    xfwd: true,
  }),
);

const server = app.listen(0, "127.0.0.1", () =>
  process.send({ url: `http://127.0.0.1:${server.address().port}` }),
);
