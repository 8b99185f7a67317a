import { app } from "./app.ts";
import { queue } from "./queue.ts";

export { PriceRoom } from "./objects/price-room.ts";
export { UserHub } from "./objects/user-hub.ts";
export { NotificationsRpc } from "./rpc.ts";

export default { fetch: app.fetch, queue } satisfies ExportedHandler<object>;
