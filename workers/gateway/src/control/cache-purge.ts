import { z } from "@hono/zod-openapi";

/** What is to be purged. */
export const CachePurge = z
  .strictObject({
    tags: z
      .array(z.string().min(1).max(200))
      .min(1)
      .max(50)
      .openapi({
        description: "Tags that routes declare, and paths, whatever the query",
        example: ["prices", "/api/v1/prices/current"],
      }),
  })
  .openapi("CachePurge");
export type CachePurge = z.infer<typeof CachePurge>;
