import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { migration } from "../../support/migration-project.ts";
import type { PolicyProject } from "../../support/policy-project.ts";
import { withPolicies } from "../../support/policy-project.ts";
import { identity } from "./shop.ts";

const roles = `
CREATE ROLE $owner NOLOGIN BYPASSRLS;
CREATE ROLE $app NOLOGIN;
GRANT USAGE ON SCHEMA club TO $app;
ALTER DEFAULT PRIVILEGES FOR ROLE $owner IN SCHEMA club GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO $app;
`;

const members = (column: string, more = "") => `
ALTER TABLE club.members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON club.members TO $app USING (${column} = ${identity});
${more}`;

async function withClub(): Promise<PolicyProject> {
  const club = await withPolicies({
    roles: ["owner", "app"],
    yaml: "migrations:\n  role: $owner\n",
    migrations: {
      "001_club.sql": migration(
        `create schema club;
        create table club.members (id int primary key, person int not null, name text, visits int not null default 0, level int not null default 1);
        insert into club.members (id, person) values (1, 1), (2, 2);`,
        "drop table club.members; drop schema club;",
      ),
    },
    policies: { "roles.sql": roles, "rls/club.sql": members("person") },
  });
  await club.mustRun(["migrate"]);
  await club.mustRun(["policies", "apply"]);
  return club;
}

/** Updates as the application until stopped; every error is kept. */
function keepWriting(club: PolicyProject): () => Promise<{ done: number; errors: string[] }> {
  const stopping = new AbortController();
  let done = 0;
  const errors: string[] = [];
  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        const [row] = await club.sql.begin(async (tx) => {
          await tx.unsafe(`set local role ${club.role("app")}`);
          await tx`select set_config('app.user', '1', true)`;
          return tx`with changed as (update club.members set visits = visits + 1 returning id)
                    select count(*)::int as count from changed`;
        });
        if (row?.["count"] !== 1) errors.push(`${row?.["count"]} rows`);
        done += 1;
      } catch (error) {
        errors.push((error as Error).message);
      }
      await sleep(1);
    }
  })();
  return async () => {
    stopping.abort();
    await running;
    return { done, errors };
  };
}

interface Case {
  readonly name: string;
  readonly up: string;
  readonly down: string;
  /** The policies that go with the new schema. */
  readonly after: string;
}

const cases: readonly Case[] = [
  {
    name: "renamed",
    up: "alter table club.members rename person to member_no;",
    down: "alter table club.members rename member_no to person;",
    after: members("member_no"),
  },
  {
    name: "given another type",
    up: "alter table club.members alter person type bigint;",
    down: "alter table club.members alter person type int;",
    after: members("person"),
  },
  {
    name: "renamed and given another type in one file",
    up: "alter table club.members rename person to p2; alter table club.members alter p2 type bigint;",
    down: "alter table club.members alter p2 type int; alter table club.members rename p2 to person;",
    after: members("p2"),
  },
  {
    name: "dropped, and the policy uses another one",
    up: "alter table club.members add other int; update club.members set other = person; alter table club.members drop person;",
    down: "alter table club.members add person int; update club.members set person = other; alter table club.members alter person set not null, drop other;",
    after: members("other"),
  },
];

describe("a column that a policy uses", () => {
  it.each(cases)("can be $name while others write, and back", async ({ up, down, after }) => {
    await using club = await withClub();
    const stop = keepWriting(club);
    await club.write("002_change.sql", migration(up, down));
    await club.writePolicy("rls/club.sql", after);
    await club.mustRun(["migrate"]);
    expect(await club.drift()).toEqual([]);
    await club.writePolicy("rls/club.sql", members("person"));
    await club.mustRun(["rollback", "--allow-data-loss"]);
    expect(await club.drift()).toEqual([]);
    const { done, errors } = await stop();
    expect(errors).toEqual([]);
    expect(done).toBeGreaterThan(5);
  });

  it("may be used by views on views, which keep their rights", async () => {
    await using club = await withClub();
    const app = club.role("app");
    await club.sql.unsafe(`
      set role ${club.role("owner")};
      create schema reports;
      alter default privileges in schema reports grant select on tables to ${app};
      create view reports.names with (security_barrier) as select id, name as "The Name" from club.members;
      create view reports.shouted with (security_invoker = true) as select id, upper("The Name") as loud from reports.names;
      comment on view reports.names is 'what''s in a name';
      comment on column reports.names."The Name" is 'the name';
      revoke all on reports.names, reports.shouted from ${app};
      grant select on reports.shouted to ${app} with grant option;
      grant update ("The Name") on reports.names to ${app};
      reset role`);
    const { stdout: before } = await club.run(["dump"]);
    await club.write(
      "002_change.sql",
      migration(
        "alter table club.members alter name type varchar(40);",
        "alter table club.members alter name type text;",
      ),
    );
    await club.mustRun(["migrate"]);
    const { stdout: between } = await club.run(["dump"]);
    await club.mustRun(["rollback"]);
    const { stdout: after } = await club.run(["dump"]);
    expect(between).toContain("varchar(40)");
    expect(after).toBe(before);
  });

  it.each([
    [
      "a materialized view",
      "create materialized view reports.m as select name from club.members",
      "reports.m (it is a materialized view)",
    ],
    [
      "a view with a default",
      "create view reports.v as select id, name from club.members; alter view reports.v alter name set default 'x'",
      "reports.v (its columns have defaults)",
    ],
  ])("is not retyped under %s, which is named", async (_, sql, named) => {
    await using club = await withClub();
    await club.sql.unsafe(
      `set role ${club.role("owner")}; create schema reports; ${sql}; reset role`,
    );
    await club.write(
      "002_change.sql",
      migration("select 1;\n\nalter table club.members alter name type varchar(40);", "select 1;"),
    );
    const { body, code } = await club.json(["migrate"]);
    expect([code, body.error.code, body.error.at.line]).toEqual([4, "view-in-the-way", 4]);
    expect(body.error.message).toContain(named);
    // What the file itself takes out of the way is its own business.
    const name = named.split(" ")[0];
    const kind = name === "reports.m" ? "materialized view" : "view";
    await club.write(
      "002_change.sql",
      migration(
        `drop ${kind} ${name}; alter table club.members alter name type varchar(40);`,
        "select 1;",
      ),
    );
    await club.mustRun(["migrate"]);
  });

  it("is shown in the plan of a dry run", async () => {
    await using club = await withClub();
    await club.write(
      "002_change.sql",
      migration(
        "alter table club.members alter person type bigint;",
        "alter table club.members alter person type int;",
      ),
    );
    const { stdout } = await club.run(["migrate", "--dry-run"]);
    expect(stdout).toContain("drop policy own on club.members;");
    expect(stdout).toMatch(/^-- here: what policies\/ declares for club\.members/m);
    expect(await club.drift()).toEqual([]);
  });
});

describe("a migration that retypes a column and renames its table", () => {
  it("says which policy is gone and where it is declared, also in a dry run", async () => {
    await using club = await withClub();
    await club.write(
      "002_change.sql",
      migration(
        "alter table club.members alter person type bigint; alter table club.members rename to people;",
        "alter table club.people rename to members;",
      ),
    );
    const says =
      /policy own on club\.members is dropped and not made again, as the table is club\.people now: name it so in .+club\.sql:\d+/;
    expect((await club.run(["migrate", "--dry-run"])).stdout.replaceAll(/\n-- +/g, " ")).toMatch(
      says,
    );
    const { code, stderr } = await club.run(["migrate"]);
    expect(code).toBe(0);
    expect(stderr.replaceAll(/\s+/g, " ")).toMatch(says);
  });
});

describe("a migration that looks after its own policies and views", () => {
  it("is left alone, also on its way back", async () => {
    await using club = await withClub();
    await club.sql.unsafe(`set role ${club.role("owner")};
      create schema reports; create view reports.names as select id, name, person from club.members; reset role`);
    const { stdout: before } = await club.run(["dump"]);
    const change = (type: string) => `
      drop policy own on club.members; drop view reports.names;
      alter table club.members alter person type ${type};
      create view reports.names as select id, name, person from club.members;
      create policy own on club.members to ${club.role("app")} using (person = ${identity});`;
    await club.write("002_change.sql", migration(change("bigint"), change("int")));
    await club.mustRun(["migrate"]);
    expect(await club.drift()).toEqual([]);
    await club.mustRun(["rollback"]);
    expect(await club.drift()).toEqual([]);
    expect((await club.run(["dump"])).stdout).toBe(before);
  });

  it("keeps a column's right that it carries to a new name", async () => {
    await using club = await withClub();
    await club.writePolicy(
      "roles.sql",
      `${roles} REVOKE UPDATE ON club.members FROM $app; GRANT UPDATE (visits, name) ON club.members TO $app;`,
    );
    await club.mustRun(["policies", "apply"]);
    await club.write(
      "002_rename.sql",
      migration(
        "alter table club.members rename name to title;",
        "alter table club.members rename title to name;",
      ),
    );
    const { code, stderr } = await club.run(["migrate"]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/club\.members has no column name/);
    const [row] = await club.sql`
      select has_column_privilege(${club.role("app")}, 'club.members', 'title', 'UPDATE') as kept`;
    expect(row?.["kept"]).toBe(true);
  });
});

describe("a new table", () => {
  it("has its policies before any role can reach it", async () => {
    await using club = await withClub();
    await club.writePolicy(
      "rls/club.sql",
      members(
        "person",
        `ALTER TABLE club.notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
         CREATE POLICY own ON club.notes TO $app USING (person = ${identity});`,
      ),
    );
    await club.write(
      "002_notes.sql",
      migration(
        `do $do$ begin create table club.notes (id int primary key, person int); end $do$;
         insert into club.notes values (1, 1), (2, 2);`,
        "drop table club.notes;",
      ),
    );
    await club.mustRun(["migrate"]);
    expect(await club.drift()).toEqual([]);
    const [row] = await club.sql`
      select relrowsecurity, relforcerowsecurity, (select count(*)::int from pg_policy where polrelid = c.oid) as policies
      from pg_class c where oid = 'club.notes'::regclass`;
    expect(row).toEqual({ relrowsecurity: true, relforcerowsecurity: true, policies: 1 });
  });

  it("shows nothing where its policy cannot be made, and says why", async () => {
    await using club = await withClub();
    await club.write(
      "002_drop.sql",
      migration(
        "alter table club.members drop person;",
        "alter table club.members add person int;",
      ),
    );
    const { code, stderr } = await club.run(["migrate"]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/policy own on club\.members: column "person" does not exist/);
    const check = await club.run(["policies", "check"]);
    expect(check.code).toBe(1);
    expect(check.stdout).toMatch(/policies[/]rls[/]club\.sql:3:1/);
  });
});
