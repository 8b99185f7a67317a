import { app } from "./app.ts";

export { Control } from "./objects/control.ts";

export default { fetch: app.fetch } satisfies ExportedHandler<object>;
