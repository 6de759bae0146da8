import type { Check } from "../check.ts";
import listOpenSchemas from "./schema-privileges.sql";

export const schemaPrivileges: Check = {
  title: "open schemas",
  async look(session) {
    const rows = await session.query<{ schema: string; owner: string }>(listOpenSchemas);
    return rows.map(({ schema, owner }) => ({
      rule: "doctor/schema-open",
      severity: "warning",
      message: `every role may create objects in schema ${schema}: one that is found before the real one runs with the rights of whoever calls it`,
      object: schema,
      hint: `as ${owner}: \`REVOKE CREATE ON SCHEMA ${schema} FROM PUBLIC;\` and \`GRANT CREATE ON SCHEMA ${schema} TO …;\` for the roles that need it (since 15, new databases are made that way)`,
    }));
  },
};
