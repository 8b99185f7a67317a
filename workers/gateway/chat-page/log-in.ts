import { SoukError, type components, type Souk } from "@souk/client";
import { element, say } from "./elements.ts";

/**
 * Asks for address and password, and for a code where a second factor is on, until somebody is logged in.
 * @param why what is said above the form's button at first
 */
export function askLogIn(souk: Souk, why: string): Promise<components["schemas"]["Tokens"]> {
  const view = element("log-in", HTMLElement);
  const form = element("credentials", HTMLFormElement);
  const email = element("email", HTMLInputElement);
  const password = element("password", HTMLInputElement);
  const second = element("second-factor", HTMLDivElement);
  const code = element("code", HTMLInputElement);
  const outcome = element("outcome", HTMLParagraphElement);
  const button = element("log-in-button", HTMLButtonElement);
  let challenge: string | undefined;

  const logIn = async (): Promise<components["schemas"]["Tokens"] | undefined> => {
    if (challenge !== undefined) {
      const body = { challenge, code: code.value.trim() };
      return (await souk.POST("/api/v1/auth/login/second-factor", { body })).data;
    }
    const body = { email: email.value.trim(), password: password.value };
    const { data } = await souk.POST("/api/v1/auth/login", { body });
    if (!("challenge" in data)) return data;
    challenge = data.challenge;
    second.hidden = false;
    code.focus();
    say(outcome, "Type the code of your authenticator app, or a recovery code.");
    return undefined;
  };

  view.hidden = false;
  second.hidden = true;
  say(outcome, why);
  email.focus();
  return new Promise((resolve) => {
    const attempt = async () => {
      button.disabled = true;
      try {
        const tokens = await logIn();
        if (tokens !== undefined) {
          view.hidden = true;
          form.reset();
          resolve(tokens);
        }
      } catch (error) {
        // A challenge that is used up begins again with the password.
        if (error instanceof SoukError && challenge !== undefined && error.status !== 429) {
          challenge = undefined;
          second.hidden = true;
        }
        say(outcome, error instanceof SoukError ? error.detail : "There is no connection to Souk.");
      } finally {
        button.disabled = false;
      }
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      void attempt();
    };
  });
}
