import type { components } from "@souk/client";

type Member = components["schemas"]["ConversationMember"];

/** How far a message of mine has come, in words. @param members of its conversation */
export function reached(seq: number, members: Iterable<Member>, myId: string): string {
  const others = [...members].filter(({ userId, status }) => userId !== myId && status === "active");
  const read = others.filter(({ readSeq }) => readSeq >= seq).length;
  if (others.length > 1 && read > 0) return `read by ${read} of ${others.length}`;
  if (others.length > 0 && read === others.length) return "read";
  const delivered = others.length > 0 && others.every(({ deliveredSeq }) => deliveredSeq >= seq);
  return delivered ? "delivered" : "sent";
}
