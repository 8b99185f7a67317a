import { createApp } from "@souk/kit/app";
import { Env } from "./env.ts";
import { registerConversations } from "./routes/conversations.ts";
import { registerMembers } from "./routes/members.ts";
import { registerMessageChanges } from "./routes/message-changes.ts";
import { registerMessages } from "./routes/messages.ts";
import { registerPresence } from "./routes/presence.ts";
import { registerReports } from "./routes/reports.ts";
import { registerRooms } from "./routes/rooms.ts";

export const app = createApp(Env, "chat");
registerConversations(app);
registerMembers(app);
registerMessages(app);
registerMessageChanges(app);
registerPresence(app);
registerReports(app);
registerRooms(app);
