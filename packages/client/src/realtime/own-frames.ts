import type { HubFrame, RoomFrame } from "./frames.ts";

type OwnFrame = HubFrame | RoomFrame;
type WithoutId<Frame> = Frame extends { id: string } ? Omit<Frame, "id"> & { id?: string } : never;

/** What the server answers once it is done, by the frame's id, which is made where it is left out. */
export type AskingFrame = WithoutId<OwnFrame>;

/** What nobody answers: it has no id, and holds for the moment. */
export type TellingFrame = Exclude<OwnFrame, { id: string }>;
