/**
 * Values as a dotenv file that wrangler reads back unchanged: within single quotes nothing is special.
 * @throws Error when a value holds a single quote or a line break, which such a file cannot carry
 */
export function envFileText(values: Record<string, string>): string {
  const lines = Object.entries(values).map(([name, value]) => {
    if (!/^[A-Z][A-Z0-9_]*$/.test(name)) throw new Error(`${name} is no name of a variable`);
    if (/['\r\n]/.test(value)) throw new Error(`The value of ${name} holds a quote or a line break`);
    return `${name}='${value}'\n`;
  });
  return lines.join("");
}
