import { z } from "zod";

const Ip = z.union([z.ipv4(), z.ipv6()]);

/** Where a request comes from, by the platform's own header alone: a caller writes the others. Null when it says no address. */
export const clientAddress = (headers: Headers): string | null =>
  Ip.safeParse(headers.get("cf-connecting-ip")).data ?? null;
