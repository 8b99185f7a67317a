import type { Reporter, TestModule } from "vitest/node";

/** Ends the run's output with what was skipped for which reason, and one plain line of counts, which tools read in any language. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    for (const test of tests) {
      const result = test.result();
      if (result.state === "skipped" && result.note !== undefined)
        console.log(`Skipped "${test.name}": ${result.note}`);
    }
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length;
    console.log(`${count("passed")} passed, ${count("failed") + broken} failed, ${count("skipped")} skipped`);
  }
}
