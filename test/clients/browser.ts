import { chromium, type Page } from "playwright-core";
import { nextAddress } from "../next-address.ts";
import { testPlatform } from "../platform.ts";
import { missing } from "./installed.ts";
import { layLine, type Line } from "./line.ts";

/** Where Debian puts it. */
const CHROMIUM = "/usr/bin/chromium";
/** The platform's own address, as it stands in its tokens and links. */
export const ORIGIN = "http://souk.test";
/** The same platform by the one name that browsers know passkeys of without https. */
export const LOCALHOST = "http://localhost";

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--unsafely-treat-insecure-origin-as-secure=${ORIGIN}`,
];

/** Why there is no browser; undefined when there is one. */
export const noBrowser = (): string | undefined => missing(CHROMIUM, "chromium");

/** A page in a headless browser of its own, over a line of its own. */
export interface Browsing {
  page: Page;
  line: Line;
  /** What the browser complained of: errors of scripts, and what the page's policy refused. */
  complaints: string[];
  close: () => Promise<void>;
}

/** @param options of the browser's window: size, colours */
export async function browse(
  options: { viewport?: { width: number; height: number }; colorScheme?: "light" | "dark" } = {},
): Promise<Browsing> {
  const { url } = await testPlatform();
  const line = await layLine(new URL(url));
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    chromiumSandbox: false,
    args: [
      ...FLAGS,
      `--host-resolver-rules=MAP souk.test:80 127.0.0.1:${line.port}, MAP localhost:80 127.0.0.1:${line.port}`,
    ],
  });
  const page = await browser.newPage({
    viewport: { width: 1024, height: 720 },
    // Each is somebody else to the strangers' quota.
    extraHTTPHeaders: { "cf-connecting-ip": nextAddress() },
    ...options,
  });
  // A machine that does much else besides is slow, not broken.
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const text = message.text();
    // What fails because the line is cut, or is refused, the page itself shows.
    if (message.type() === "error" && !/Failed to load resource|WebSocket connection/.test(text))
      complaints.push(text);
  });
  const close = async () => {
    await browser.close();
    line.close();
  };
  return { page, line, complaints, close };
}
