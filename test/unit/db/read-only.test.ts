import { expect, test } from "vitest";
import { describeReadOnly } from "../../../src/db/read-only.ts";

test.each([
  ["database", ", set for the database `Shop`", 'ALTER DATABASE "Shop" RESET'],
  ["user", ", set for the role `app user`", 'ALTER ROLE "app user" RESET'],
  [
    "database user",
    ", set for the role `app user` in the database `Shop`",
    'ALTER ROLE "app user" IN DATABASE "Shop" RESET',
  ],
  ["global", ", set for all roles", "ALTER ROLE ALL RESET"],
  ["configuration file", ", set in /etc/pg.conf", "reload the server"],
  ["client", ", set by the connection itself", "PGOPTIONS"],
  ["command line", "", "where the server is started"],
])("says where it is set and how to lift it: %s", (source, place, lift) => {
  const found = { source, file: "/etc/pg.conf", role: "app user" };
  const { what, hint } = describeReadOnly(found, "Shop");
  expect(what).toBe(`default_transaction_read_only is on${place}, and this command writes`);
  expect(hint).toContain(lift);
  expect(hint).toContain("`?options=-c%20default_transaction_read_only%3Doff`");
});

test("names no file that the role may not see", () => {
  const found = { source: "configuration file", file: null, role: "app" };
  expect(describeReadOnly(found, "shop").what).toContain("the server's configuration file");
});
