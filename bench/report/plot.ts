import { shown, type Table } from "./table.ts";

const WIDTH = 640;
const BAR = 22;
const GAP = 10;
const LABELS = 250;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** Horizontal bars as SVG, from zero, each with its value. */
export function barPlot({ title, plot }: Table): string {
  const most = Math.max(...plot.bars.map(({ value }) => value));
  const height = 50 + plot.bars.length * (BAR + GAP);
  const bars = plot.bars.map(({ label, value }, position) => {
    const y = 44 + position * (BAR + GAP);
    const width = Math.max(1, ((WIDTH - LABELS - 100) * value) / most);
    return `  <text x="${LABELS - 8}" y="${y + 15}" text-anchor="end">${escaped(label)}</text>
  <rect x="${LABELS}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" fill="#b8860b"/>
  <text x="${(LABELS + width + 6).toFixed(1)}" y="${y + 15}">${shown(value)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
  <rect width="100%" height="100%" fill="#fff"/>
  <text x="8" y="20" font-size="14" font-weight="bold">${escaped(title)}</text>
  <text x="${LABELS}" y="36" fill="#555">${escaped(plot.unit)}</text>
${bars.join("\n")}
</svg>
`;
}
