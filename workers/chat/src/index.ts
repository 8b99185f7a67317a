import { app } from "./app.ts";
import { queue } from "./queue.ts";

export { Conversation } from "./objects/conversation.ts";
export { Eraser } from "./objects/eraser.ts";
export { Register } from "./objects/register.ts";
export { RoomCloser } from "./objects/room-closer.ts";
export { RoomShard } from "./objects/room-shard.ts";
export { ChatRpc } from "./rpc.ts";

export default { fetch: app.fetch, queue } satisfies ExportedHandler<object>;
