import fc from "fast-check";
import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";
import { composeMail } from "../delivery/compose-mail.ts";
import { TEMPLATE_NAMES, TEMPLATES, type TemplateName, type VariablesOf } from "./catalogue.ts";
import { checkContent } from "./check-template.ts";
import { link, optionalLine, type Content } from "./define-template.ts";
import { formatMoment, formatPrice, priceUnit } from "@souk/kit/format";
import { renderTemplate } from "./render-template.ts";

const FROM = { name: "Souk", address: "no-reply@souk.test", domain: "souk.test" };

/** Every element of a page with its attributes except where links lead, as a parser sees them. */
async function elementsOf(html: string): Promise<string[]> {
  const elements: string[] = [];
  const read = new HTMLRewriter().on("*", {
    element: (element) => {
      const attributes = [...element.attributes].map(([name = "", value = ""]) =>
        name === "href" ? name : `${name}=${value}`,
      );
      elements.push([element.tagName, ...attributes].join(" "));
    },
  });
  await read.transform(new Response(html)).text();
  return elements;
}

const linesOf = (text: string): number => text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/).length;

/** Text of the kind that breaks out of places, and any other. */
const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        ..."\r\n|\r|\n|\u2028|\u0085|\u0000|\u202e|<|>|\"|'|&|`|=|/|{{|}}|{{{url}}}|{{#note}}|<script>|</title>|</style>|<!--|-->|\r\nBcc: eve@example.com|\r\n.\r\n|\r\n\r\n|a|;|,|:|@".split(
          "|",
        ),
      ),
      { maxLength: 12 },
    )
    .map((pieces) => pieces.join("")),
);

/** The sample with a hostile text in every place for one, and a link that carries it. */
const attacked = (name: TemplateName, text: string): VariablesOf<TemplateName> => {
  const { variables, sample } = TEMPLATES[name];
  const entries = Object.entries(variables.shape).map(([key, variable]) => {
    const benign: unknown = Object.entries(sample).find(([known]) => known === key)?.[1];
    if (variable === link) return [key, `https://souk.example/?q=${text.toWellFormed()}`];
    return [key, variable === optionalLine || typeof benign === "string" ? `x${text}` : benign];
  });
  return Object.fromEntries(entries);
};

const compose = (content: Content, name: string) =>
  composeMail(FROM, { messageId: "<1@souk.test>", to: { name, address: "ada@example.com" }, ...content });

describe.each(TEMPLATE_NAMES)("%s", (name) => {
  const template = TEMPLATES[name];

  it("says the same in HTML and text, with every variable in both", async () => {
    expect(
      checkContent(template, {
        variables: template.variables,
        required: Object.keys(template.variables.shape),
      }),
    ).toEqual([]);
    const { subject, html, text } = renderTemplate(name, template, template.sample);
    expect(subject + html + text).not.toMatch(/\{\{|undefined|\[object/);
    for (const value of Object.values(template.sample)) expect(text).toContain(value);
    expect((await elementsOf(html)).filter((element) => element.startsWith("h1"))).toHaveLength(1);
  });

  it("lets no text add an element, a header or a line", async () => {
    const plain = renderTemplate(name, template, attacked(name, "plain"));
    const elements = await elementsOf(plain.html);
    const lines = linesOf(plain.text);
    const headers = (await PostalMime.parse(compose(plain, "plain"))).headers.map(({ key }) => key);
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const mail = renderTemplate(name, template, attacked(name, text));
        expect(await elementsOf(mail.html)).toEqual(elements);
        expect(linesOf(mail.text)).toBe(lines);
        expect(linesOf(mail.subject)).toBe(1);
        const parsed = await PostalMime.parse(compose(mail, text));
        expect(parsed.headers.map(({ key }) => key)).toEqual(headers);
        expect(parsed.to?.map(({ address }) => address)).toEqual(["ada@example.com"]);
      }),
      { numRuns: 60 },
    );
  });

  it("fails loudly when a variable is missing or unknown", () => {
    const { sample } = template;
    const more = { ...sample, other: "x" };
    expect(() => renderTemplate(name, template, more)).toThrow(/other/);
    for (const key of Object.keys(sample)) {
      const rest = Object.fromEntries(Object.entries(sample).filter(([known]) => known !== key));
      expect(() => renderTemplate(name, template, rest as typeof sample)).toThrow(key);
    }
  });
});

it.each([
  "javascript:alert(1)",
  "data:text/html,x",
  "ftp://souk.example",
  "//souk.example",
  "not a link",
  "",
])("takes no link to %j", (url) => {
  expect(() => renderTemplate("verify-email", TEMPLATES["verify-email"], { url })).toThrow();
});

it("greets nobody by name at an address that is not confirmed", () => {
  expect(Object.keys(TEMPLATES["verify-email"].variables.shape)).toEqual(["url"]);
});

describe("an edited template", () => {
  const template = TEMPLATES["reset-password"];
  const good = {
    subject: "New password, {{firstName}}",
    html: '<p>{{firstName}}</p><a href="{{url}}">{{url}}</a>',
    text: "{{url}}",
  };

  it("passes when it names what it may", () => expect(checkContent(good, template)).toEqual([]));

  it.each<[string, Partial<Content>, string]>([
    ["an unknown variable", { text: "{{url}} {{password}}" }, "unknown variable password"],
    ["an inherited name", { text: "{{url}} {{constructor}}" }, "unknown variable constructor"],
    ["the implicit iterator", { text: "{{url}} {{.}}" }, "unknown variable ."],
    ["no link", { text: "Hello" }, "must show url"],
    ["a partial", { html: `${good.html}{{>footer}}` }, "may not use"],
    ["other delimiters", { html: `${good.html}{{=<% %>=}}<% firstName %>` }, "may not use"],
    ["triple braces", { html: `${good.html}{{{firstName}}}` }, "escaped"],
    ["an unescaped variable", { html: `${good.html}{{&firstName}}` }, "escaped"],
    ["a section on what is always there", { html: `${good.html}{{#firstName}}x{{/firstName}}` }, "section"],
    ["a section that stays open", { html: `${good.html}{{#firstName}}` }, "Unclosed"],
    ["a text in an attribute", { html: `${good.html}<p title="{{firstName}}">x</p>` }, "tag"],
    ["a text as a link", { html: `${good.html}<a href="{{firstName}}">x</a>` }, "tag"],
    ["a link without quotes", { html: `${good.html}<a href={{url}}>x</a>` }, "tag"],
    ["a tag that stays open", { html: `${good.html}<p {{url}}` }, "tag"],
    ["a script", { html: `${good.html}<script>1</script>` }, "scripts"],
    ["a variable in a style", { html: `${good.html}<style>p{color:{{firstName}}}</style>` }, "scripts"],
    ["a subject of two lines", { subject: "a\r\nBcc: eve@example.com" }, "one line"],
  ])("is refused for %s", (_what, part, message) => {
    expect(
      checkContent({ ...good, ...part }, template)
        .map((problem) => problem.message)
        .join(),
    ).toContain(message);
  });
});

it("writes prices, units and times for people", () => {
  expect(formatPrice("4012.5", "USD")).toBe("$4,012.50");
  expect(formatPrice("12345678901234567890.1234", "EUR")).toBe("€12,345,678,901,234,567,890.1234");
  expect(formatPrice("0.00019", "TRY")).toBe("TRY\u00a00.0002");
  expect(() => formatPrice("1e3", "USD")).toThrow();
  expect(priceUnit("g", "XAU", 22)).toBe("gram of 22 karat");
  expect(priceUnit("toz", "XAG", 22)).toBe("troy ounce");
  expect(formatMoment("2009-11-02T01:30:00+01:00")).toBe("2 November 2009 at 00:30 UTC");
});
