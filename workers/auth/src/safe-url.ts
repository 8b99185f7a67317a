import { z } from "zod";

/** Whether a URL is https, or on this machine, where there is nobody to listen. */
export const isSafe = (text: string): boolean => {
  const url = URL.parse(text);
  return (
    url?.protocol === "https:" ||
    (url?.protocol === "http:" && ["127.0.0.1", "localhost"].includes(url.hostname))
  );
};

/** The address of a server that secrets are sent to. */
export const SafeUrl = z.url().refine(isSafe, "is neither https nor on this machine");
