import openapiTS, { astToString } from "openapi-typescript";
import { z } from "zod";

const KEY = "Idempotency-Key";

const Document = z.object({
  paths: z.record(
    z.string(),
    z.object({
      post: z.object({ parameters: z.array(z.object({ name: z.string() })).default([]) }).optional(),
    }),
  ),
});

/**
 * The source of `src/schema.ts`: the types of the API's document, and which POSTs take an `Idempotency-Key`, which types cannot say at run time.
 * @param document the API's document as JSON
 */
export async function clientSchema(document: string): Promise<string> {
  // A field with a default may be left out of a request; answers list theirs as required.
  const types = astToString(await openapiTS(document, { defaultNonNullable: false }));
  const { paths } = Document.parse(JSON.parse(document));
  const idempotent = Object.keys(paths).filter((path) =>
    paths[path]?.post?.parameters.some(({ name }) => name === KEY),
  );
  return `// Written by "npm run openapi" from docs/openapi.json.
${types}
/** The POSTs that take an \`${KEY}\`. */
export const IDEMPOTENT_POSTS: ReadonlySet<string> = new Set(${JSON.stringify(idempotent)});
`;
}
