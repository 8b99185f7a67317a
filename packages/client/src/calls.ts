import type { FetchResponse, ParamsOption, RequestBodyOption } from "openapi-fetch";
import type { MediaType, PathsWithMethod } from "openapi-typescript-helpers";
import type { paths } from "./schema.ts";

export type Method = "get" | "put" | "post" | "patch" | "delete";

interface CallOptions {
  headers?: Record<string, string>;
  /** Ends the call. */
  signal?: AbortSignal;
  /** For the call as a whole, repeats and a refresh of the tokens included. */
  timeoutMs?: number;
}

type Init<Operation> = ParamsOption<Operation> & RequestBodyOption<Operation> & CallOptions;

type Data<Operation extends Record<string | number, unknown>> =
  FetchResponse<Operation, object, MediaType> extends infer Answer
    ? Answer extends { data: infer D }
      ? D
      : never
    : never;

/**
 * One method of the API. Path, parameters, body and answer are those of the API's document.
 * @throws SoukError for an answer that is an error; what `fetch` throws when there is none, `TimeoutError` among it
 */
export type Call<M extends Method> = <P extends PathsWithMethod<paths, M>>(
  path: P,
  ...init: object extends Init<paths[P][M]> ? [init?: Init<paths[P][M]>] : [init: Init<paths[P][M]>]
) => Promise<{ data: Data<paths[P][M] & Record<string | number, unknown>>; response: Response }>;
