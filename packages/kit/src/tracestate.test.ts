import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { startSpan, traceparent } from "./trace.ts";
import { parseTracestate } from "./tracestate.ts";

const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const members = (count: number) => Array.from({ length: count }, (_, n) => `k${n}=${n}`).join(",");
const long = (key: string, length: number) => `${key}=${"x".repeat(length - key.length - 1)}`;

describe("parseTracestate", () => {
  it.each([
    ["one member", "foo=1", "foo=1"],
    ["the order as it came", "foo=1,bar=2", "foo=1,bar=2"],
    ["several headers, as they are joined", "foo=1, bar=2", "foo=1,bar=2"],
    ["spaces and tabs around members", " foo=1 \t,\tbar=2 ", "foo=1,bar=2"],
    ["empty members", ",foo=1,,bar=2,", "foo=1,bar=2"],
    ["nothing", "", ""],
    ["a tenant", "fw529a3039@dt=1", "fw529a3039@dt=1"],
    ["a key that begins with a digit (level 2)", "0foo=1", "0foo=1"],
    ["all characters of a key", "az09_-*/=1", "az09_-*/=1"],
    ["the longest plain key", `${"z".repeat(256)}=1`, `${"z".repeat(256)}=1`],
    ["a key that is too long", `${"z".repeat(257)}=1`, ""],
    [
      "the longest tenant and system",
      `${"t".repeat(241)}@${"v".repeat(14)}=1`,
      `${"t".repeat(241)}@${"v".repeat(14)}=1`,
    ],
    ["a tenant that is too long", `${"t".repeat(242)}@v=1`, ""],
    ["a system that is too long", `t@${"v".repeat(15)}=1`, ""],
    ["no tenant", "@foo=1", ""],
    ["no system", "foo@=1", ""],
    ["two systems", "foo@bar@baz=1", ""],
    ["an upper-case key", "FOO=1", ""],
    ["a key with a space", "foo =1", ""],
    ["no key", "=1", ""],
    ["no value", "foo=", ""],
    ["no equals sign", "foo", ""],
    ["two equals signs", "foo=bar=baz", ""],
    ["a value with a space within", "foo=b ar", "foo=b ar"],
    ["a value beyond ASCII", "foo=é", ""],
    ["the longest value", `foo=${"v".repeat(256)}`, `foo=${"v".repeat(256)}`],
    ["a value that is too long", `foo=${"v".repeat(257)}`, ""],
    ["a malformed member beside a good one", "foo=1,BAR=2", ""],
    ["a key twice", "foo=1,foo=2", ""],
    ["32 members", members(32), members(32)],
    ["33 members", members(33), ""],
    ["512 characters", `${long("a", 255)},${long("b", 256)}`, `${long("a", 255)},${long("b", 256)}`],
    [
      "the long ones first where it is too long",
      `a=1,${long("b", 200)},c=2,${long("d", 200)},${long("e", 200)}`,
      `a=1,${long("b", 200)},c=2,${long("d", 200)}`,
    ],
    [
      "the last ones where none is long",
      Array.from({ length: 10 }, (_, n) => long(`k${n}`, 100)).join(","),
      Array.from({ length: 5 }, (_, n) => long(`k${n}`, 100)).join(","),
    ],
  ])("%s", (_what, header, expected) => {
    expect(parseTracestate(header)).toBe(expected);
  });

  it("passes on only what it would take in again, within the limits", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^([a-z]{1,3}=[!-+]{1,200},){0,40}$/));
    fc.assert(
      fc.property(text, (header) => {
        const state = parseTracestate(header);
        expect(state.length).toBeLessThanOrEqual(512);
        expect(parseTracestate(state)).toBe(state);
      }),
    );
  });
});

describe("startSpan with a tracestate", () => {
  it("keeps it with the trace that goes on", () => {
    expect(startSpan(PARENT, "foo=1").state).toBe("foo=1");
    expect(startSpan(PARENT).state).toBe("");
  });

  it.each([null, "", "garbage", `${PARENT}-extra`, `${PARENT}, ${PARENT}`, PARENT.replace("00-", "ff-")])(
    "drops it where the traceparent is %j",
    (header) => {
      const trace = startSpan(header, "foo=1");
      expect(trace).toMatchObject({ state: "", parentSpanId: null });
      expect(traceparent(trace)).not.toContain("0af7651916cd43dd8448eb211c80319c");
    },
  );
});

describe("flags", () => {
  it.each([
    ["00", "00"],
    ["01", "01"],
    ["02", "02"],
    ["03", "03"],
    ["ff", "03"],
    ["08", "00"],
  ])("of %s are passed on as %s: only those that are known", (came, went) => {
    expect(traceparent(startSpan(PARENT.replace(/01$/, came))).slice(-2)).toBe(went);
  });
});
