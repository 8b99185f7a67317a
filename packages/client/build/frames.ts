import { CLOSE, FINAL_CODES } from "@souk/kit/realtime/close-codes";
import { ControlFrame, Position, ServerFrame, SingleFrame } from "@souk/kit/realtime/frames";
import openapiTS, { astToString } from "openapi-typescript";
import { z } from "zod";

const PROTOCOL = { Position, ControlFrame, SingleFrame, ServerFrame };

/**
 * The source of `src/realtime/frames.ts`: the types of the realtime protocol's frames, and the close codes, which are needed at run time.
 * @param data what is in the data of events, and frames of services' own, by name
 */
export async function clientFrames(data: Record<string, z.ZodType>): Promise<string> {
  const schemas = Object.fromEntries(
    Object.entries({ ...PROTOCOL, ...data }).map(([name, schema]) => {
      const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
      return [name, rest];
    }),
  );
  const document = { openapi: "3.1.0", info: { title: "", version: "" }, paths: {}, components: { schemas } };
  const types = astToString(await openapiTS(JSON.stringify(document)));
  const codes = Object.values(CLOSE).map(({ code, reason }) => [reason, code]);
  return `// Written by "npm run openapi" from packages/kit/src/realtime.
${types}
type Schemas = components["schemas"];
${Object.keys(schemas)
  .map((name) => `export type ${name} = Schemas["${name}"];`)
  .join("\n")}

/** Why the server closes a socket. */
export const CLOSE_CODES = ${JSON.stringify(Object.fromEntries(codes))} as const;
/** After these a client does not connect again by itself. */
export const FINAL_CODES = ${JSON.stringify(FINAL_CODES)} as const;
`;
}
