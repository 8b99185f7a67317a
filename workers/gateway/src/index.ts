import { app } from "./app.ts";

export { Control } from "./objects/control.ts";
export { Metrics } from "./objects/metrics.ts";
export { Quota } from "./objects/quota.ts";

export default { fetch: app.fetch } satisfies ExportedHandler<object>;
