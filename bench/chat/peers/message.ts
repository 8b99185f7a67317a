import { z } from "zod";

/** What a client sends. */
export const NewMessage = z.object({ clientMessageId: z.string(), text: z.string() });

let lastSeq = 0;

/** A message as our rooms deliver it, field by field, so that every server sends the same; the peers only count it, and keep nothing. */
export function messageOf(
  room: string,
  senderId: string,
  { clientMessageId, text }: z.infer<typeof NewMessage>,
) {
  const seq = ++lastSeq;
  return {
    conversationId: room,
    seq,
    id: crypto.randomUUID(),
    clientMessageId,
    senderId,
    kind: "text",
    text,
    replyTo: null,
    attachments: [],
    mentions: [],
    reactions: [],
    pinned: false,
    revision: seq,
    createdAt: new Date().toISOString(),
    editedAt: null,
    deletedAt: null,
  };
}
