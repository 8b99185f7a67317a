/** The time in milliseconds since 1970, where there is no context to take it from: in Durable Objects. */
export const realTime = (): number => new Date().getTime();
