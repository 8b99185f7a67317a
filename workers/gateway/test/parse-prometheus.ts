/** A line of the text format: name, labels, value (Prometheus, "Exposition formats"). */
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf|NaN)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;
const META = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/;
const SUFFIX = /_(bucket|sum|count)$/;

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const at = LABEL.lastIndex;
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error(`bad labels at ${at}: ${text}`);
    if (name in labels) throw new Error(`the label ${name} stands twice: ${text}`);
    labels[name] = value.replaceAll(/\\([\\"n])/g, (_, escaped: string) =>
      escaped === "n" ? "\n" : escaped,
    );
  }
  return labels;
}

/**
 * The samples of a text in Prometheus' format, by the rules of its reader: a type before the samples, each family in one piece,
 * no sample twice, a line feed at the end.
 * @throws Error where the text breaks one
 */
export function parsePrometheus(text: string): { types: Record<string, string>; samples: Sample[] } {
  if (!text.endsWith("\n")) throw new Error("no line feed at the end");
  const types: Record<string, string> = {};
  const samples: Sample[] = [];
  const seen = new Set<string>();
  const families: string[] = [];
  for (const line of text.slice(0, -1).split("\n")) {
    const meta = META.exec(line);
    if (meta?.[1] === "TYPE" && meta[2] !== undefined && meta[3] !== undefined) {
      if (meta[2] in types) throw new Error(`two types of ${meta[2]}`);
      types[meta[2]] = meta[3];
    }
    if (meta !== null) continue;
    const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`not a sample: ${line}`);
    const base = name.replace(SUFFIX, "");
    const family = types[base] === "histogram" ? base : name;
    if (!(family in types)) throw new Error(`no type before ${line}`);
    if (families.at(-1) !== family && families.includes(family)) throw new Error(`${family} is in pieces`);
    families.push(family);
    const sample = { name, labels: parseLabels(labels), value: Number(value) };
    const key = JSON.stringify([
      name,
      Object.entries(sample.labels).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ]);
    if (seen.has(key)) throw new Error(`twice: ${line}`);
    seen.add(key);
    samples.push(sample);
  }
  return { types, samples };
}
