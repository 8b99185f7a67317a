import fc from "fast-check";
import PostalMime from "postal-mime";
import { expect, it } from "vitest";
import { composeMail } from "./compose-mail.ts";

const FROM = { name: "Souk", address: "no-reply@souk.test", domain: "souk.test" };
const TO = { name: "Ada", address: "ada@example.com" };

/** What a reader decodes of a part, which ends with one line end more. */
const read = (text: string | undefined): string => (text ?? "").replaceAll("\r\n", "\n").replace(/\n$/, "");

it("carries both parts unchanged, in lines that every server takes", async () => {
  const piece = fc.constantFrom("\n", " ", ".", "=", "\t", "--", "From ", "é", "𝔸", "x".repeat(90));
  const part = fc.array(fc.oneof(piece, fc.string({ unit: "grapheme" })), { maxLength: 30 });
  const parts = part.map((pieces) => `${pieces.join("").replaceAll("\r", "").toWellFormed()}.\n`);
  await fc.assert(
    fc.asyncProperty(parts, parts, async (text, html) => {
      const mail = composeMail(FROM, { messageId: "<1@souk.test>", to: TO, subject: "Gold", text, html });
      expect(mail.toString("latin1")).toMatch(/^(?:[\t -~]{0,76}\r\n)+$/);
      const parsed = await PostalMime.parse(mail);
      expect(read(parsed.text)).toBe(text);
      expect(read(parsed.html)).toBe(html);
      expect(parsed.messageId).toBe("<1@souk.test>");
    }),
    { numRuns: 200 },
  );
});
