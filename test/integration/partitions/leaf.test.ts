import { describe, expect, it } from "vitest";
import { readPartitions } from "../../../src/policies/partitions/declared.ts";
import { partitionsPart } from "../../../src/policies/partitions/part.ts";
import { connectTo } from "../../support/connection.ts";
import { join } from "node:path";
import { withPartitions } from "../../support/partition-project.ts";

describe("a new partition", () => {
  it("has what its parent has, and no grants though default privileges give them", async () => {
    const suffix = Math.random().toString(36).slice(2, 8);
    const [owner, reader] = [`own_${suffix}`, `read_${suffix}`];
    await using project = await withPartitions(
      `create role ${owner} nologin; create role ${reader} nologin;
       create schema app authorization ${owner};
       set role ${owner};
       alter default privileges in schema app grant select on tables to ${reader}, public;
       create table app.users (id int primary key);
       create table app.t (
         at timestamptz not null, id int not null, user_id int references app.users,
         primary key (id, at)
       ) partition by range (at);
       comment on column app.t.at is 'When';
       create table app.t_2030 partition of app.t
         for values from ('2030-01-01 00:00+00') to ('2031-01-01 00:00+00') with (fillfactor = 70);
       alter table app.t enable row level security;
       create policy mine on app.t to ${reader} using (user_id = 1);
       create function app.note() returns trigger language plpgsql as 'begin return new; end';
       create trigger noted after insert on app.t for each row execute function app.note();
       create index t_user on app.t (user_id);
       reset role`,
      "app.t: {by: range, column: at, every: year, horizon: 1d}\n",
    );
    try {
      const { code, body } = await project.maintain("--as-of", "2031-05-20");
      expect(code, JSON.stringify(body)).toBe(0);
      const [leaf] = await project.sql`
        select pg_get_userbyid(relowner) as owner, relrowsecurity as rls, relforcerowsecurity as forced,
               (select array_agg(grantee::regrole::text) from aclexplode(relacl) where grantee <> relowner) as grants,
               reloptions as options,
               (select count(*)::int from pg_index where indrelid = c.oid and indisvalid) as indexes,
               (select count(*)::int from pg_trigger where tgrelid = c.oid and not tgisinternal) as triggers,
               (select count(*)::int from pg_constraint where conrelid = c.oid and contype = 'f') as keys,
               col_description(c.oid, 1) as comment
        from pg_class c where oid = 'app.t_2031'::regclass`;
      expect(leaf).toEqual({
        owner,
        rls: true,
        forced: true,
        grants: null,
        options: ["fillfactor=70"],
        indexes: 2,
        triggers: 1,
        keys: 1,
        comment: "When",
      });
      // The older partition had neither row level security nor a policy's protection.
      const [old] = await project.sql`
        select relrowsecurity as rls, relforcerowsecurity as forced from pg_class where oid = 'app.t_2030'::regclass`;
      expect(old).toEqual({ rls: true, forced: true });
      // Its grants are more than declared: that is for `policies apply --prune` to take away.
      await using session = await connectTo(project.database.url);
      const { declared } = await readPartitions(join(project.path, "policies"));
      if (!declared) throw new Error("not read");
      await session.script("begin; set local search_path = pg_catalog");
      const plan = await partitionsPart.plan(declared, {
        session,
        ownerRole: owner,
        ledger: { schema: "public", table: "pgwright_migrations" },
      });
      const extra = plan.steps.filter((step) => step.extra !== undefined);
      expect(extra).toMatchObject([
        {
          sql: `revoke all on table app.t_2030 from public, ${reader}`,
          extra: "security",
          object: "app.t_2030",
        },
      ]);
    } finally {
      await project.sql.unsafe(
        `drop owned by ${owner}, ${reader} cascade; drop role ${owner}; drop role ${reader}`,
      );
    }
  });

  it("is made for every remainder of a hash and every value of a list", async () => {
    await using project = await withPartitions(
      `create table h (id int) partition by hash (id);
       create table h_1 partition of h for values with (modulus 4, remainder 1);
       create table h_big partition of h for values with (modulus 8, remainder 3);
       create table l (country text) partition by list (country);
       create table l_default partition of l default;
       insert into l values ('DE'), ('US'), ('XX');`,
      `public.h: {by: hash, modulus: 4}
public.l:
  by: list
  values: {eu: [DE, FR], us: [US], none: [null]}
  default: true
`,
    );
    const { code, tables } = await project.maintain();
    expect(await project.leaves("h")).toEqual([
      { name: "h_0", bound: "FOR VALUES WITH (modulus 4, remainder 0)" },
      { name: "h_1", bound: "FOR VALUES WITH (modulus 4, remainder 1)" },
      { name: "h_2", bound: "FOR VALUES WITH (modulus 4, remainder 2)" },
      { name: "h_big", bound: "FOR VALUES WITH (modulus 8, remainder 3)" },
    ]);
    expect(tables[0]).toMatchObject({
      state: "failed",
      reason: "public.h_big has modulus 8, declared is 4",
    });
    expect(code).toBe(4);
    expect(tables[1]).toMatchObject({ state: "done", moved: 2 });
    expect(await project.leaves("l")).toEqual([
      { name: "l_default", bound: "DEFAULT" },
      { name: "l_eu", bound: "FOR VALUES IN ('DE', 'FR')" },
      { name: "l_none", bound: "FOR VALUES IN (NULL)" },
      { name: "l_us", bound: "FOR VALUES IN ('US')" },
    ]);
    expect(
      await project.sql`select tableoid::regclass::text as t, country from l order by 2`,
    ).toEqual([
      { t: "l_eu", country: "DE" },
      { t: "l_us", country: "US" },
      { t: "l_default", country: "XX" },
    ]);
    const findings = tables.flatMap((table) => table.findings);
    expect(findings.map(({ rule }) => rule)).toEqual([
      "partitions/bounds",
      "partitions/default-rows",
    ]);
  });

  it("never takes a name that something else has, and goes on with the other tables", async () => {
    await using project = await withPartitions(
      `create table a (at date) partition by range (at);
       create table a_2031 (x int);
       create table b (at date) partition by range (at);
       create table plain (at date);`,
      `public.a: {by: range, column: at, every: year, horizon: 1d}
public.missing: {by: hash, modulus: 2}
public.plain: {by: range, column: at, every: year}
public.b: {by: range, column: at, every: year, horizon: 1d, default: true}
`,
    );
    const { code, tables } = await project.maintain("--as-of", "2031-05-20");
    expect(code).toBe(4);
    expect(tables.map(({ state, reason }) => [state, reason])).toEqual([
      [
        "failed",
        "public.a_2031 exists and is no partition of public.a, which needs that name for one",
      ],
      ["failed", "there is no table public.missing"],
      ["failed", "public.plain is not partitioned"],
      ["done", undefined],
    ]);
    expect((await project.leaves("b")).map(({ name }) => name)).toEqual(["b_2031", "b_default"]);
  });

  it("is refused with file and line when the file has mistakes", async () => {
    await using project = await withPartitions(
      "select 1",
      `public.a: {by: range, column: at, evry: year}
b: {by: hash, modulus: 2}
public.c: {by: hash, column: at, modulus: 2}
`,
    );
    const run = await project.json(["partitions", "maintain"]);
    expect(run.code).toBe(4);
    expect(run.body.error).toMatchObject({ code: "policies-invalid" });
    expect(run.body.error.notes).toEqual([
      "1:35 unknown key `evry`; did you mean `every`?",
      expect.stringMatching(/^3:/),
    ]);
  });
});
