import { app } from "./app.ts";

export { AuthRpc } from "./rpc.ts";

export default { fetch: app.fetch } satisfies ExportedHandler<object>;
