import { createServer } from "node:net";
import { errorCode } from "./error-code.ts";
import { StartError } from "./start-error.ts";

/**
 * Throws a StartError when `port` of 127.0.0.1 cannot be listened on.
 * @param purpose what the port is for, as a person reads it: "the API"
 * @param variable the environment variable that chooses another port
 */
export async function refuseTakenPort(port: number, purpose: string, variable?: string): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
  } catch (error) {
    throw portError(error, port, purpose, variable);
  }
  await new Promise((resolve) => server.close(resolve));
}

/** The StartError for a failed `listen`, or the error itself when it is not about the port. */
export function portError(error: unknown, port: number, purpose: string, variable?: string): unknown {
  const choose = variable === undefined ? "" : `, or set ${variable} to another port`;
  if (errorCode(error) === "EADDRINUSE")
    return new StartError(`Port ${port} for ${purpose} is taken. Stop the program that uses it${choose}.`);
  if (errorCode(error) === "EACCES")
    return new StartError(
      `Port ${port} for ${purpose} is not allowed to this user. Use a port above 1023${choose}.`,
    );
  return error;
}
