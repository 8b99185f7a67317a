export { createSouk, type Souk, type SoukOptions } from "./client.ts";
export type { components } from "./schema.ts";
export type { Tokens } from "./session.ts";
export { SoukError, type ErrorCode } from "./souk-error.ts";
