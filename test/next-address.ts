let calls = 0;

/** Each call comes from an address of its own, so that the limits of an address, which have tests of their own, do not answer. */
export const nextAddress = (): string => {
  calls += 1;
  return `10.${(calls >> 16) & 255}.${(calls >> 8) & 255}.${calls & 255}`;
};
