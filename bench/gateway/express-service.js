// The service behind the peer's gateway: it logs, validates the query and answers with the price that it holds in memory, as ours does.
import express from "express";
import { pinoHttp } from "pino-http";
import { z } from "zod";

const { price } = JSON.parse(process.argv[2] ?? "{}");
const Query = z.strictObject({
  metal: z.enum(["XAU", "XAG", "XPT", "XPD"]).default("XAU"),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default("USD"),
  unit: z.enum(["toz", "g", "kg", "tola"]).default("toz"),
  karat: z.coerce.number().default(24),
});

const app = express();
app.disable("x-powered-by");
app.use(pinoHttp());
app.get("/api/v1/prices/current", (request, response) => {
  const query = Query.safeParse(request.query);
  if (!query.success) return response.status(400).json({ error: "Bad request" });
  response.json({ ...price, ...query.data });
});

const server = app.listen(0, "127.0.0.1", () =>
  process.send({ url: `http://127.0.0.1:${server.address().port}` }),
);
