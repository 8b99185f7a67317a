import { createSouk, type Tokens } from "@souk/client";
import { chat } from "./chat.ts";
import { askLogIn } from "./log-in.ts";

/** Where the session is kept: it ends with the tab. */
const STORED = "souk.session";

interface Stored {
  userId: string;
  tokens: Tokens;
}

function readStored(): Stored | undefined {
  const text = sessionStorage.getItem(STORED);
  // Only this page writes it.
  return text === null ? undefined : (JSON.parse(text) as Stored);
}

/** One session after the other: logs in, unless that has been done, and chats until it ends. */
async function run(): Promise<never> {
  let session = readStored();
  let why = "";
  const keep = (next: Stored | undefined) => {
    session = next;
    if (next === undefined) sessionStorage.removeItem(STORED);
    else sessionStorage.setItem(STORED, JSON.stringify(next));
  };
  const souk = createSouk({
    baseUrl: location.origin,
    onTokens: (tokens) => keep(tokens === null || session === undefined ? undefined : { ...session, tokens }),
  });
  for (;;) {
    if (session === undefined) {
      const { user, accessToken, refreshToken } = await askLogIn(souk, why);
      keep({ userId: user.id, tokens: { accessToken, refreshToken } });
      continue;
    }
    souk.setTokens(session.tokens);
    await chat(souk, session.userId);
    souk.setTokens(null);
    keep(undefined);
    why = "You are logged out.";
  }
}

void run();
