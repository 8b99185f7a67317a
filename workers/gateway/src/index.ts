import { app } from "./app.ts";
import { queue } from "./queue.ts";

export { Control } from "./objects/control.ts";
export { Metrics } from "./objects/metrics.ts";
export { Quota } from "./objects/quota.ts";

export default { fetch: app.fetch, queue } satisfies ExportedHandler<object>;
