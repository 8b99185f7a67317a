import { randomBytes } from "node:crypto";

/** The demo's user: a new one in each run. */
export interface Person {
  email: string;
  password: string;
  firstName: string;
  lastName: string;
}

export function newPerson(firstName = "Deniz"): Person {
  const random = randomBytes(6).toString("hex");
  return {
    email: `demo-${random}@example.com`,
    password: `Demo-${random}-Passw0rd`,
    firstName,
    lastName: "Demo",
  };
}
