/**
 * Stops the clock that the Workers read: time is what a schedule makes it. Timers run on.
 * @returns a way to set it, a way to turn it on by milliseconds, and a way back
 */
export function stopClock(): { set: (at: number) => void; turn: (ms: number) => void; leave: () => void } {
  const RealDate = Date;
  let time = RealDate.now();
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, parameters) =>
      Reflect.construct(target, parameters.length === 0 ? [time] : parameters),
    get: (target, key) => (key === "now" ? () => time : Reflect.get(target, key)),
  });
  return {
    set: (at) => void (time = at),
    turn: (ms) => void (time += ms),
    leave: () => void (globalThis.Date = RealDate),
  };
}
