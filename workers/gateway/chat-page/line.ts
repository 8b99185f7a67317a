import type { Message } from "./messages.ts";

/** A message as it is shown: one that the server has, or one that waits to be sent. */
export interface Line {
  key: string;
  senderId: string | null;
  text: string;
  /** Nothing is left of what it said. */
  gone: boolean;
  at: string;
  edited: boolean;
  forwarded: boolean;
  /** Where the server has it; null while it waits. */
  seq: number | null;
  /** Of my own: how far it has come. */
  state: string;
  failed: boolean;
}

/** What is shown of a message, or instead of it. */
export const textOf = ({ text, hidden }: { text: string | null; hidden: boolean }): string =>
  text ?? (hidden ? "You deleted this message." : "This message was deleted.");

/** A message that is not sent yet. */
export interface Waiting {
  text: string;
  at: string;
  failed: string | undefined;
}

/** @param state of my own: how far it has come */
export const sentLine = (message: Message, key: string, state: string): Line => ({
  key,
  senderId: message.senderId,
  text: textOf(message),
  gone: message.text === null,
  at: message.createdAt,
  edited: message.editedAt !== null,
  forwarded: message.forwarded !== null,
  seq: message.seq,
  state,
  failed: false,
});

export const waitingLine = ({ text, at, failed }: Waiting, key: string, myId: string): Line => ({
  key,
  senderId: myId,
  text,
  gone: false,
  at,
  edited: false,
  forwarded: false,
  seq: null,
  state: failed ?? "waiting to be sent",
  failed: failed !== undefined,
});
