import { z } from "zod";

/** A client of the API that believes nothing: each answer is parsed, since the patient may be another release. */
export class Api {
  readonly url: string;
  #accessToken: string | undefined;

  constructor(url: string) {
    this.url = url;
  }

  /** Sends this token with every later call. */
  authenticate(accessToken: string): void {
    this.#accessToken = accessToken;
  }

  get<Shape extends z.ZodType>(path: string, shape: Shape): Promise<z.output<Shape>> {
    return this.#call("GET", path, 200, shape);
  }

  post<Shape extends z.ZodType>(
    path: string,
    body: unknown,
    status: number,
    shape: Shape,
  ): Promise<z.output<Shape>> {
    return this.#call("POST", path, status, shape, body);
  }

  async #call<Shape extends z.ZodType>(
    method: string,
    path: string,
    status: number,
    shape: Shape,
    body?: unknown,
  ): Promise<z.output<Shape>> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        accept: "application/json",
        // The demo reads what it has just changed.
        "cache-control": "no-cache",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(this.#accessToken === undefined ? {} : { authorization: `Bearer ${this.#accessToken}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    if (response.status !== status)
      throw new Error(
        `${method} ${path} answered ${response.status} instead of ${status}: ${text.slice(0, 500)}`,
      );
    const parsed = shape.safeParse(text === "" ? undefined : JSON.parse(text));
    if (!parsed.success)
      throw new Error(`${method} ${path} answered another shape: ${z.prettifyError(parsed.error)}`);
    return parsed.data;
  }
}
