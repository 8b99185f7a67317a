import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { ROLES } from "@souk/kit/actor";
import { appErrorOf } from "@souk/kit/errors";
import { grantRole } from "../src/services/grant-role.ts";
import { operatorContext } from "./operator-context.ts";

const USAGE = `npm run admin:grant -- EMAIL [--role ${ROLES.join("|")}]`;

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { role: { type: "string", default: "admin" } },
  });
  const [email, ...rest] = positionals;
  const role = ROLES.find((name) => name === values.role);
  if (email === undefined || rest.length > 0 || role === undefined) throw new Error(USAGE);
  await grantRole(operatorContext(), { email, role, grantedBy: `operator ${userInfo().username}` });
  console.log(
    `${email} has the role ${role}. Access tokens carry it from the next log-in or refresh on; a loss ends all sessions.`,
  );
} catch (error) {
  console.error(appErrorOf(error)?.detail ?? (error instanceof Error ? error.message : error));
  process.exitCode = 1;
}
