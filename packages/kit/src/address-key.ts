const HEXTETS = 8;
/** A person is given a whole /64 of IPv6 and can send from any address in it. */
const PREFIX = 4;

/**
 * What an address is counted by: an IPv4 address itself, an IPv6 address by its /64.
 * @param address as the platform wrote it; any other text stands for itself
 */
export function addressKey(address: string): string {
  if (!address.includes(":")) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = address.toLowerCase().split("::", 2);
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : Math.max(0, HEXTETS - before.length - after.length);
  const hextets = [...before, ...Array.from({ length: gap }, () => "0"), ...after];
  return `${hextets
    .slice(0, PREFIX)
    .map((hextet) => hextet.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
