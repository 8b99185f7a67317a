/**
 * The source of a main module before a Worker's own, which gives it rate limits that count in the isolate's memory, as the platform does in
 * the machine's, and refuse nobody: bare workerd has no such binding, and Miniflare's stores each count on disk.
 * @param main the specifier of the Worker's own module
 * @param bindings the limits' names
 */
export const countingInMemory = (
  main: string,
  bindings: readonly string[],
): string => `import worker from "${main}";
export * from "${main}";
const counts = new Map();
const limit = async ({ key }) => (counts.set(key, (counts.get(key) ?? 0) + 1), { success: true });
let own;
export default { ...worker, fetch: (request, env, context) =>
  worker.fetch(request, (own ??= { ...env, ${bindings.map((binding) => `${binding}: { limit }`).join(", ")} }), context) };
`;
