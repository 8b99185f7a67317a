import { users } from "@souk/db/schema/auth";

/** The columns of an account that its owner may see, for `select` and `returning`. */
export const accountColumns = {
  id: users.id,
  email: users.email,
  firstName: users.firstName,
  lastName: users.lastName,
  role: users.role,
  status: users.status,
};
