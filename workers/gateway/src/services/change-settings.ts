import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { callTimeout } from "@souk/kit/resilience";
import { requireAdmin } from "@souk/kit/route";
import { traceparent } from "@souk/kit/trace";
import { Control, type ControlChange } from "../control/settings.ts";
import type { Env } from "../env.ts";
import { isClosable } from "../admission/closed.ts";
import { ROUTING_TABLE } from "../routing-table.ts";
import { refreshControl } from "./read-control.ts";
import { controlOf } from "./control-of.ts";

const CLOSABLE = new Set(
  ROUTING_TABLE.filter(isClosable).flatMap(({ path, methods }) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  ),
);

/**
 * Changes what operators have set, if nobody else has since the version that the change was made from. Who changed what becomes an event.
 * @returns what is set now
 * @throws AppError unauthorized, forbidden; validation_failed when a route cannot be closed; conflict; unavailable when the object does not answer, which may yet make the
 * change: a repeat of it is then a conflict
 */
export async function changeSettings(context: Context<Env>, change: ControlChange): Promise<Control> {
  const { userId } = requireAdmin(context);
  const details = (change.closedRoutes ?? [])
    .filter((route) => !CLOSABLE.has(route))
    .map((route) => ({ field: "closedRoutes", message: `there is no "${route}" that could be closed` }));
  if (details.length > 0)
    throw new AppError("validation_failed", "Correct the fields named in `details`.", { details });

  const control = controlOf(context);
  const answer: unknown = await callTimeout
    .execute(() => control.change(change, userId, traceparent(context.trace)))
    .catch((error: unknown) => {
      throw new AppError(
        "unavailable",
        "It is not known whether the change counts: read the settings before you repeat it.",
        { cause: error },
      );
    });
  if (answer === null)
    throw new AppError("conflict", "The settings have changed since: read them and repeat.");
  const changed = Control.parse(answer);
  context.log.warn("control changed", { userId, change, version: changed.version });
  await refreshControl(context);
  return changed;
}
