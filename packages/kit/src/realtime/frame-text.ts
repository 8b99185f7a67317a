import type { Position } from "./frames.ts";
import { REALTIME } from "./limits.ts";

/** An `event` frame around data that is JSON already: what is stored so is sent to many, and must not be made anew for each. */
export const eventText = (channel: string, { epoch, offset }: Position, data: string): string =>
  `{"type":"event","channel":"${channel}","epoch":"${epoch}","offset":${offset},"data":${data}}`;

/** An `ephemeral` frame around data that is JSON already. */
export const ephemeralText = (channel: string, data: string): string =>
  `{"type":"ephemeral","channel":"${channel}","data":${data}}`;

/** Frames, each as JSON, as one. */
export const batchOf = (frames: string[]): string =>
  frames.length === 1 && frames[0] !== undefined
    ? frames[0]
    : `{"type":"batch","frames":[${frames.join(",")}]}`;

/** Frames, each as JSON, as few that are not larger than they may be. */
export function pagesOf(frames: string[]): string[] {
  const pages: string[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const frame of frames) {
    if (size + frame.length > REALTIME.batchBytes) {
      pages.push([]);
      size = 0;
    }
    pages.at(-1)?.push(frame);
    size += frame.length;
  }
  return pages.map(batchOf);
}
