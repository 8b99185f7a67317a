/** Sockets that one object of a pair holds; who comes when it is full goes to the next. */
export const SHARD_SOCKETS = 1000;

/** Objects of one pair. An invocation may call 32 others. */
export const MAX_SHARDS = 16;

/** The room of a pair, which is also the name of its channel. */
export const roomOf = ({ metal, currency }: { metal: string; currency: string }): string =>
  `prices.${metal}.${currency}`;

/** Rooms that this Worker serves itself. */
export const isPriceRoom = (room: string): boolean => room.startsWith("prices.");

/** The name of one of a room's objects. */
export const shardOf = (room: string, shard: number): string => (shard === 0 ? room : `${room}#${shard}`);
