/**
 * Tells when a connection is worth a try at once: the browser is online again, or somebody looks at the page again. Where there is no
 * browser it tells nothing.
 * @returns ends it
 */
export function onWake(tell: () => void): () => void {
  const browser: unknown = globalThis;
  const page: unknown = Reflect.get(globalThis, "document");
  const looked = () => {
    if (page instanceof EventTarget && "visibilityState" in page && page.visibilityState === "visible")
      tell();
  };
  if (browser instanceof EventTarget) browser.addEventListener("online", tell);
  if (page instanceof EventTarget) page.addEventListener("visibilitychange", looked);
  return () => {
    if (browser instanceof EventTarget) browser.removeEventListener("online", tell);
    if (page instanceof EventTarget) page.removeEventListener("visibilitychange", looked);
  };
}
