import { app } from "./app.ts";
import { queue } from "./queue.ts";

export { UserHub } from "./objects/user-hub.ts";
export { NotificationsRpc } from "./rpc.ts";

export default { fetch: app.fetch, queue } satisfies ExportedHandler<object>;
