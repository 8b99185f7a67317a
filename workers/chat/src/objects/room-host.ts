import { DurableObject } from "cloudflare:workers";
import type { Room } from "./room.ts";

/** An object that holds sockets of a room: the platform brings it what they do. */
export abstract class RoomHost extends DurableObject<object> {
  protected abstract readonly room: Room;

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    return this.room.receive(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.room.closed(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.room.closed(socket, 1011);
  }
}
