import { isOneLine } from "@souk/kit/one-line";

const MAX_LENGTH = 50;

interface Named {
  email: string;
  name?: string | undefined;
  given_name?: string | undefined;
  family_name?: string | undefined;
}

const sane = (text: string | undefined): string => {
  const trimmed = text?.trim().slice(0, MAX_LENGTH).toWellFormed().trim() ?? "";
  return isOneLine(trimmed) ? trimmed : "";
};

/**
 * First and last name by what a provider tells of a person, who may have but one name or none: then the address stands for the first.
 * The person can change both in their profile.
 */
export function nameOf(claims: Named): { firstName: string; lastName: string } {
  const [first, ...rest] = sane(claims.name).split(/\s+/);
  return {
    firstName: sane(claims.given_name) || sane(first) || sane(claims.email.split("@")[0]),
    lastName: sane(claims.family_name) || rest.join(" "),
  };
}
