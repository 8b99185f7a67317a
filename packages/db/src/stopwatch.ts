/**
 * Starts to measure; the function it returns tells the whole milliseconds since. For waiting only: inside a Worker the clock stands still
 * between I/O, so that computation takes no time by it.
 */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => Math.round(performance.now() - start);
}
