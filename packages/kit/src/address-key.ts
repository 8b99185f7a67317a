/**
 * What a limit counts as one caller: an IPv4 address, or the /64 that an IPv6 address is one of, since a customer has them all.
 * @param address as the platform wrote it, in any spelling; what is no address stands for itself
 */
export function addressKey(address: string): string {
  if (!/^[\da-f.]*:[\da-f:.]*$/i.test(address) || !URL.canParse(`http://[${address}]`)) return address;
  // The URL parser spells an address in the one way of RFC 5952; one that is mapped from IPv4 as two last groups.
  const spelled = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = spelled.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  const groups = tail === undefined ? before : [...before, ...zeros, ...after];
  const mapped = groups.slice(0, 5).every((group) => group === "0") && groups[5] === "ffff";
  if (!mapped) return `${groups.slice(0, 4).join(":")}::/64`;
  return groups
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
    .join(".");
}
