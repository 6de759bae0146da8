/** Roles belong to the cluster: many databases that want the same ones, and roles with few rights. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { urlFor, withRole } from "../../support/doctor.ts";
import { urlOf, withDatabase } from "../../support/database.ts";
import type { TestDatabase } from "../../support/database.ts";
import { withPolicies } from "../../support/policy-project.ts";
import { withShop } from "./shop.ts";

describe("policies apply", () => {
  it(
    "succeeds in forty databases at once that declare the same roles",
    { timeout: 300_000 },
    async () => {
      await using shop = await withShop();
      await shop.mustRun(["migrate"]);
      // A template with sessions in it cannot be copied.
      await shop.sql.end();
      const databases: TestDatabase[] = [];
      try {
        for (let i = 0; i < 40; i += 1) {
          databases.push(await withDatabase({ template: shop.database.name }));
        }
        const outcomes = await Promise.all(
          databases.map(({ name }) => shop.run(["policies", "apply", "-q"], { url: urlOf(name) })),
        );
        expect(outcomes.filter(({ code }) => code !== 0)).toEqual([]);
        const last = await shop.json(["policies", "plan"], {
          url: urlOf(databases[39]?.name ?? ""),
        });
        expect(last.body.result.steps).toEqual([]);
      } finally {
        for (const database of databases) await database[Symbol.asyncDispose]();
      }
    },
  );

  it("works for a migrator that is no superuser, and names the right that is missing", async () => {
    await using migrator = await withRole();
    await using project = await withPolicies({
      roles: ["owner", "app"],
      yaml: "migrations:\n  role: $owner\n",
      migrations: {
        "001_t.sql": `-- migrate:up
create schema s; create table s.t (id int primary key, who int);
-- migrate:down
drop table s.t; drop schema s;
`,
      },
      policies: {
        "roles.sql": `CREATE ROLE $owner NOLOGIN; CREATE ROLE $app NOLOGIN;
GRANT $owner TO ${migrator.name};
GRANT USAGE ON SCHEMA s TO $app; GRANT SELECT ON s.t TO $app;`,
        "rls/s.sql": `ALTER TABLE s.t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON s.t TO $app USING (who = 1);`,
      },
    });
    const owner = project.role("owner");
    const url = urlFor(project.database.url, migrator);
    await project.sql.unsafe(`create role ${owner} nologin;
      grant ${owner} to ${migrator.name};
      grant create on schema public to ${migrator.name}`);
    await project.sql.unsafe(`grant create on database "${project.database.name}" to ${owner}`);
    expect(await project.run(["migrate"], { url })).toMatchObject({ code: 0 });

    const denied = await project.run(["policies", "apply"], { url });
    expect(denied.code).toBe(4);
    expect(denied.stderr).toMatch(
      /error\[policies-denied\][^]*hint: role \S+ needs CREATEROLE[^]*CREATE ROLE app_/,
    );
    // The table is closed all the same, though nobody is let in yet.
    const [table] = await project.sql`
      select relrowsecurity and relforcerowsecurity as closed from pg_class where oid = 's.t'::regclass`;
    expect(table?.["closed"]).toBe(true);
    await project.sql.unsafe(`alter role ${migrator.name} createrole`);
    const applied = await project.run(["policies", "apply"], { url });
    expect(applied.code, applied.stderr).toBe(0);
    const { body } = await project.json(["policies", "plan"], { url });
    expect(body.result.steps).toEqual([]);
    await project.sql.unsafe(`drop owned by ${project.role("app")}`);
  });
});

describe("policies in schema public", () => {
  it("leave PostgreSQL's own rights there alone, and the ledger to the migrator", async () => {
    await using project = await withPolicies({
      roles: ["owner", "app"],
      yaml: "migrations:\n  role: $owner\n",
      migrations: {
        "001_t.sql": "-- migrate:up\ncreate table t (id int);\n-- migrate:down\ndrop table t;\n",
      },
      policies: {
        "roles.sql":
          "CREATE ROLE $owner NOLOGIN BYPASSRLS; CREATE ROLE $app NOLOGIN; GRANT SELECT ON t TO $app;",
      },
    });
    await project.sql.unsafe(`create role ${project.role("owner")} nologin bypassrls;
      grant create on schema public to ${project.role("owner")}`);
    await project.mustRun(["setup"]);
    expect(await project.drift()).toEqual([]);
    const { code, stdout } = await project.run(["seed"]);
    expect(code).toBe(0);
    expect(stdout).not.toContain("schema_migrations");
  });
});

describe("policies check", () => {
  it.each([
    [
      "a file that does not parse",
      "CREATE POLICY own ON shop.customers USING (id =;",
      "2:48",
      /syntax error/,
    ],
    [
      "a column that is not there",
      `CREATE POLICY other ON shop.customers USING (nobody = 1);`,
      "2:1",
      /policy other on shop\.customers: column "nobody" does not exist/,
    ],
    [
      "an unknown table",
      `ALTER TABLE shop.custmers ENABLE ROW LEVEL SECURITY;`,
      "2:1",
      /no table shop\.custmers/,
    ],
    [
      "a statement of another kind",
      `UPDATE shop.customers SET vip = true;`,
      "2:1",
      /Update is nothing that policies/,
    ],
    ["a password", `CREATE ROLE x LOGIN PASSWORD 'secret';`, "2:1", /a password does not belong/],
    [
      "a policy without ENABLE",
      `CREATE POLICY p ON "Odd Schema"."order" USING (true);`,
      "2:1",
      /nothing enables row level security/,
    ],
    ["a leaf", `ALTER TABLE shop.orders_2024 ENABLE ROW LEVEL SECURITY;`, "2:1", /is a partition/],
    [
      "a function that is not there",
      `GRANT EXECUTE ON FUNCTION shop.total(text) TO PUBLIC;`,
      "2:1",
      /no function shop\.total\(text\)/,
    ],
    [
      "a right of another kind",
      `GRANT INSERT ON SEQUENCE "Odd Schema".order_id_seq TO PUBLIC;`,
      "2:1",
      /no right INSERT/,
    ],
  ])("finds %s, with its place", async (_name, sql, place, message) => {
    const shop = await shared;
    await shop.writePolicy("rls/zz.sql", `-- a comment\n${sql}\n`);
    const { body, code } = await shop.json(["policies", "check"]);
    expect(code).toBe(1);
    const found = body.findings.find((one: { message: string }) => message.test(one.message));
    expect(found, JSON.stringify(body.findings)).toBeDefined();
    expect(`${found.at.line}:${found.at.column}`).toBe(place);
    expect(found.at.file).toMatch(/policies[/]rls[/]zz\.sql$/);
    const apply = await shop.run(["policies", "apply"]);
    expect(apply.code).toBe(4);
    expect(apply.stdout).toBe("");
  });

  let shared: ReturnType<typeof withShop>;
  beforeAll(async () => {
    shared = withShop();
    await (await shared).mustRun(["migrate"]);
  });
  afterAll(async () => {
    await (await shared)[Symbol.asyncDispose]();
  });
});
