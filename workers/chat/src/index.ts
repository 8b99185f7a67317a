import { app } from "./app.ts";
import { queue } from "./queue.ts";

export { Conversation } from "./objects/conversation.ts";
export { RoomShard } from "./objects/room-shard.ts";

export default { fetch: app.fetch, queue } satisfies ExportedHandler<object>;
