import { join, relative } from "node:path";
import type { Node, SourceFile } from "typescript/unstable/ast";
import { isCallExpression, isNewExpression, isPropertyAccessExpression } from "typescript/unstable/ast/is";
import { API, type Checker } from "typescript/unstable/sync";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** What a Worker reaches objects, other Workers' RPC and queues by, as the compiler names its type. Rate limits are counted on the spot. */
const OUTSIDE = /^(DurableObjectStub<|Queue<|(Pick<)?(\w+Service|EventRecorder)\b)/;

/** What gives up on the calls among its arguments. */
const BOUNDED = [
  /^(callTimeout|inTime|ask)\.execute$/,
  // These run what they are given by one of those.
  /^(hear|ask|actIn)Conversation$/,
  /^(Sender|Limiter)$/,
  // What comes after the answer: nobody waits for it, and the platform ends it.
  /^context\.after$/,
];

/** Where there is no timeout, and why not. */
const UNBOUNDED: Record<string, string> = {
  "workers/gateway/src/middleware/forward.ts context.env[WORKER_BINDINGS[worker]].fetch":
    "raced with a timer there",
};

interface CallOut {
  place: string;
  bounded: boolean;
}

/** The calls out of a Worker below a node. */
function callsOut(path: string, file: SourceFile, checker: Checker): CallOut[] {
  const found: CallOut[] = [];
  const textOf = ({ pos, end }: Node) => file.text.slice(pos, end).replaceAll(/\s/g, "");
  const visit = (node: Node, bounded: boolean): void => {
    let inside = bounded;
    if (isCallExpression(node) || isNewExpression(node)) {
      const callee = textOf(node.expression);
      inside ||= BOUNDED.some((pattern) => pattern.test(callee));
      if (isPropertyAccessExpression(node.expression)) {
        const receiver = checker.getTypeAtLocation(node.expression.expression);
        const isStub = receiver !== undefined && OUTSIDE.test(checker.typeToString(receiver));
        if (isStub || node.expression.name.text === "fetch")
          found.push({ place: `${path} ${callee}`, bounded: bounded || textOf(node).includes("signal:") });
      }
    }
    node.forEachChild((child) => visit(child, inside));
  };
  visit(file, false);
  return found;
}

it("every call to another Worker, a Durable Object or a queue is given up in time", () => {
  const api = new API({ cwd: root });
  try {
    const snapshot = api.updateSnapshot({ openProjects: [join(root, "tsconfig.json")] });
    const calls = snapshot.getProjects().flatMap(({ program, checker }) =>
      program.getSourceFileNames().flatMap((name) => {
        const path = relative(root, name);
        const file = program.getSourceFile(name);
        const isOurs =
          /^(workers|packages)\/[\w-]+\/src\/.*(?<!\.test)\.ts$/.test(path) &&
          !path.startsWith("packages/client/");
        return isOurs && file !== undefined ? callsOut(path, file, checker) : [];
      }),
    );
    for (const [binding, count] of [
      ["env.AUTH.", 4],
      ["queue.send", 2],
      ["hub.", 15],
      ["conversation.", 25],
      [".fetch", 7],
    ] as const)
      expect(calls.filter(({ place }) => place.includes(binding)).length).toBeGreaterThanOrEqual(count);
    const unbounded = calls.filter(({ bounded }) => !bounded).map(({ place }) => place);
    expect(unbounded.filter((place) => !(place in UNBOUNDED))).toEqual([]);
  } finally {
    api.close();
  }
});
