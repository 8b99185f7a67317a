import { app } from "./app.ts";

export { Quota } from "./objects/quota.ts";

export default { fetch: app.fetch } satisfies ExportedHandler<object>;
