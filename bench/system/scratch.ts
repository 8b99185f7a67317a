import { join } from "node:path";

/** Where a benchmark keeps what it builds, and its seeded databases between two runs. Git ignores it. */
export const SCRATCH = join(import.meta.dirname, "../../.local/bench");
