/** The plan finds whatever differs from audit.yaml, and its steps mend it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Session } from "../../../src/db/session.ts";
import { auditLogSql, declare, install, plan, readDeclared } from "../../support/audit.ts";
import { connectTo } from "../../support/connection.ts";
import type { TestDatabase } from "../../support/database.ts";
import { withDatabase } from "../../support/database.ts";
import { runSteps } from "../../support/policy-steps.ts";

let database: TestDatabase;
let session: Session;
const owner = "pgwright_audit_owner";
const app = "pgwright_audit_app";

const yaml = `log: shared.audit_log
tables:
  app.users: { exclude: [note] }
  app.plain:
`;

beforeAll(async () => {
  database = await withDatabase();
  session = await connectTo(database.url, { writes: true });
  for (const role of [owner, app]) {
    await session.script(
      `do $$ begin create role ${role} nologin; exception when duplicate_object or unique_violation then null; end $$`,
    );
  }
  await session.script(`
    grant create on database "${database.name}" to ${owner};
    set role ${owner};
    ${auditLogSql()};
    create schema app;
    create table app.users (id uuid primary key default gen_random_uuid(), name text, note text, age int) partition by hash (id);
    create table app.users_0 partition of app.users for values with (modulus 2, remainder 0);
    create table app.users_1 partition of app.users for values with (modulus 2, remainder 1);
    create table app.plain (id int primary key, v text);
    grant usage, create on schema app to ${app};
    grant select, insert, update, delete on app.plain to ${app};
    alter default privileges in schema app grant execute on functions to ${app};
    reset role`);
  await install(session, yaml);
});

afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** Mends what the SQL damaged; the statements that did so. */
async function mend(damage: string, source = yaml): Promise<string[]> {
  await session.script(damage);
  const { steps, findings } = await plan(session, source);
  expect(findings).toEqual([]);
  await runSteps(session, steps);
  expect(await plan(session, source)).toEqual({ steps: [], findings: [] });
  return steps.map(({ sql }) => sql.split("\n")[0] ?? "");
}

describe("drift", () => {
  it("is none right after the first run", async () => {
    expect(await plan(session, yaml)).toEqual({ steps: [], findings: [] });
  });

  it("says what each step locks and whose role it needs", async () => {
    await session.script("drop trigger users_audit_trigger on app.users");
    const { steps } = await plan(session, yaml);
    expect(steps).toEqual([
      {
        part: "audit",
        object: "trigger users_audit_trigger on app.users",
        sql: "create trigger users_audit_trigger after insert or update or delete on app.users for each row execute function app.users_audit()",
        why: "the trigger is not there",
        role: owner,
        unit: "table app.users",
        at: { file: "policies/audit.yaml", line: 3, column: 3 },
      },
    ]);
    await runSteps(session, steps);
  });

  it.each([
    [
      "a missing leaf trigger",
      "drop trigger users_audit_truncate on app.users_1",
      [/^create trigger users_audit_truncate after truncate on app.users_1 /],
    ],
    [
      "a disabled trigger",
      "alter table app.users disable trigger users_audit_trigger",
      [/^alter table app.users enable trigger users_audit_trigger$/],
    ],
    [
      "one that fires on replicas only",
      "alter table app.plain enable replica trigger plain_audit_trigger",
      [/^alter table app.plain enable trigger/],
    ],
    [
      "one disabled on a leaf",
      "alter table app.users_0 disable trigger users_audit_trigger",
      [/^alter table app.users_0 enable trigger users_audit_trigger$/],
    ],
    [
      "a trigger with WHEN",
      "create or replace trigger plain_audit_trigger after insert or update or delete on app.plain for each row when (false) execute function app.plain_audit()",
      [/^create or replace trigger plain_audit_trigger/],
    ],
    [
      "a trigger that skips DELETE",
      "create or replace trigger plain_audit_trigger after insert or update on app.plain for each row execute function app.plain_audit()",
      [/^create or replace trigger plain_audit_trigger/],
    ],
    [
      "a constraint trigger",
      "drop trigger plain_audit_trigger on app.plain; create constraint trigger plain_audit_trigger after insert or update or delete on app.plain deferrable initially deferred for each row execute function app.plain_audit()",
      [/^drop trigger/, /^create trigger/],
    ],
    [
      "a second trigger",
      "create trigger again after insert on app.plain for each row execute function app.plain_audit()",
      [/^drop trigger again on app.plain$/],
    ],
    [
      "an edited body",
      "create or replace function app.plain_audit() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as 'begin return null; end'",
      [/^create or replace function app.plain_audit/],
    ],
    [
      "a lost SECURITY DEFINER",
      "alter function app.plain_audit() security invoker",
      [/^create or replace function/],
    ],
    [
      "another search_path",
      "alter function app.plain_audit() set search_path = public",
      [/^create or replace function/],
    ],
    [
      "another owner",
      "alter function app.plain_audit() owner to current_user",
      [/^alter function app.plain_audit\(\) owner to/],
    ],
    [
      "EXECUTE for a role",
      `grant execute on function app.plain_audit() to ${app}`,
      [/^revoke execute on function app.plain_audit\(\) from pgwright_audit_app$/],
    ],
    [
      "EXECUTE for everybody",
      "grant execute on function app.plain_audit() to public",
      [/^revoke execute on function app.plain_audit\(\) from public$/],
    ],
    [
      "another comment",
      "comment on function app.plain_audit() is 'mine'",
      [/^comment on function/],
    ],
    [
      "a new column",
      "alter table app.plain add column extra int",
      [/^create or replace function/, /^comment/],
    ],
    [
      "a column of another type",
      "alter table app.plain alter extra type bigint",
      [/^create or replace function/, /^comment/],
    ],
    [
      "a dropped column",
      "alter table app.plain drop column extra",
      [/^create or replace function/, /^comment/],
    ],
    [
      "a leaf that comes back",
      "alter table app.users detach partition app.users_1; alter table app.users attach partition app.users_1 for values with (modulus 2, remainder 1)",
      [],
    ],
  ])("mends %s", async (_name, damage, expected) => {
    const statements = await mend(damage);
    expect(statements).toHaveLength(expected.length);
    expected.forEach((pattern, i) => expect(statements[i]).toMatch(pattern));
  });

  it("takes over the trigger of the specification, and leaves its function", async () => {
    await session.script(`
      create function app.audit_trigger_function() returns trigger language plpgsql as 'begin return null; end';
      create or replace trigger plain_audit_trigger after insert or update or delete on app.plain for each row execute function app.audit_trigger_function()`);
    expect(await mend("select 1")).toEqual([
      expect.stringMatching(/^create or replace trigger plain_audit_trigger/),
    ]);
    await session.script("drop function app.audit_trigger_function()");
  });

  it("drops what is not declared only as an extra", async () => {
    const less = yaml.replace("  app.plain:\n", "");
    const { steps } = await plan(session, less);
    expect(steps.map(({ sql, extra }) => [sql, extra])).toEqual([
      ["drop trigger plain_audit_trigger on app.plain", "other"],
      ["drop trigger plain_audit_truncate on app.plain", "other"],
      ["drop function app.plain_audit()", "other"],
    ]);
    await runSteps(session, steps);
    expect(await plan(session, less)).toEqual({ steps: [], findings: [] });
    await install(session, yaml);
  });

  it("finds the function of a table that is gone", async () => {
    await session.script(
      "create table app.gone (id int); alter table app.gone owner to current_user",
    );
    await session.script(`alter table app.gone owner to ${owner}`);
    await install(session, `${yaml}  app.gone:\n`);
    await session.script("drop table app.gone");
    expect(await mend("select 1")).toEqual(["drop function app.gone_audit()"]);
  });

  it("names a foreign function that has the name", async () => {
    await session.script(
      `create table app.other (id int); alter table app.other owner to ${owner}; create function app.other_audit() returns int language sql as 'select 1'`,
    );
    const { steps, findings } = await plan(session, `${yaml}  app.other:\n`);
    expect(steps).toEqual([]);
    expect(findings).toMatchObject([{ rule: "audit/name-taken", object: "app.other" }]);
    await session.script("drop table app.other; drop function app.other_audit()");
  });
});

describe("inside a migration", () => {
  it.each([
    [
      "drops a column",
      "alter table app.plain drop column v; alter table app.plain add column v text",
      yaml,
    ],
    ["retypes one", "alter table app.users alter age type text", yaml],
    ["renames one that is excluded", "alter table app.users rename note to remark", yaml],
    [
      "renames the table",
      "alter table app.plain rename to simple",
      yaml.replace("app.plain", "app.simple"),
    ],
    ["renames it back", "alter table app.simple rename to plain", yaml],
  ])("the audit stays right when it %s", async (_name, ddl, source) => {
    const other = await connectTo(database.url, { writes: true });
    try {
      // This session has the function compiled already.
      const table = _name === "renames it back" ? "app.simple" : "app.plain";
      await other.script(
        `insert into ${table} (id) values (1); update ${table} set id = 1; delete from ${table}; insert into app.users (name, age) values ('x', 1); update app.users set name = 'y'`,
      );
      await session.script(`begin; ${ddl}`);
      const touched = await session.query<{ oid: string }>(
        "select oid::text as oid from pg_class where relnamespace = 'app'::regnamespace and relkind in ('r', 'p') and not relispartition",
      );
      const { steps } = await plan(session, source, {
        only: new Set(touched.map(({ oid }) => Number(oid))),
      });
      for (const step of steps) {
        await session.query(`set local role ${step.role}`);
        await session.query(step.sql);
      }
      await session.script("commit; truncate shared.audit_log");
      const now = source === yaml ? "app.plain" : "app.simple";
      await other.script(`insert into ${now} (id, v) values (1, 'a'); update ${now} set v = 'b'; delete from ${now};
        update app.users set age = '2', name = 'z'; delete from app.users`);
      const log = await session.query<{ table: string; op: string; new: string }>(
        "select distinct table_name as table, operation as op, new_values::text as new from shared.audit_log order by 1, 2",
      );
      expect(log.map(({ table, op }) => `${op} ${table}`)).toEqual([
        ...["DELETE", "INSERT", "UPDATE"].map((op) => `${op} ${now}`),
        "DELETE app.users",
        "UPDATE app.users",
      ]);
    } finally {
      await other[Symbol.asyncDispose]();
    }
  });

  it("keeps a renamed column hidden until audit.yaml names it anew", async () => {
    const { findings } = await plan(session, yaml);
    expect(findings).toMatchObject([
      { rule: "audit/unknown-column", at: { line: 3, column: 26 }, object: "app.users.note" },
    ]);
    await session.script(
      "truncate shared.audit_log; insert into app.users (name, remark) values ('x', 'hidden')",
    );
    const { values } = await session.one<{ values: string }>(
      "select new_values::text as values from shared.audit_log",
    );
    expect(values).not.toContain("hidden");
    await session.script("alter table app.users rename remark to note");
  });

  it("says nothing where the log is not there yet", async () => {
    expect(
      await plan(session, yaml.replace("shared.audit_log", "shared.later"), {
        only: new Set([1]),
      }),
    ).toEqual({ steps: [], findings: [] });
  });
});

describe("what cannot be", () => {
  const findingsOf = async (source: string) => {
    const { findings, steps } = await plan(session, source);
    return {
      rules: findings.map(({ rule, at, hint }) => [rule, at?.line, at?.column, hint]),
      steps,
    };
  };

  it("names slips with their place and what was meant", async () => {
    const { rules } = await findingsOf(`log: shared.audit_log
tables:
  app.user:
  app.users_0:
  app.plain:
    mask:
      - vv
  shared.audit_log:
  app.users: { exclude: [id] }
`);
    expect(rules).toEqual([
      ["audit/unknown-table", 3, 3, "did you mean `app.users`?"],
      ["audit/unknown-table", 4, 3, "name app.users instead"],
      ["audit/log-audited", 8, 3, undefined],
      ["audit/unknown-column", 7, 9, "did you mean `v`?"],
      ["audit/hidden-key", 9, 3, expect.stringContaining("`exclude`")],
    ]);
  });

  it("wants every table decided where it says which are not", async () => {
    const { rules } = await findingsOf(
      `${yaml}not:\n  app.gone: it is no more\n  app.plain: small\n`,
    );
    expect(rules).toEqual([
      ["audit/unknown-table", 6, 3, expect.any(String)],
      ["audit/contradiction", 7, 3, undefined],
    ]);
    await session.script("create table app.fresh (id int)");
    const { rules: undecided } = await findingsOf(`${yaml}not:\n  other.*: not ours\n`);
    expect(undecided.map(([rule]) => rule)).toEqual(["audit/undecided"]);
    expect((await findingsOf(`${yaml}not:\n  app.*: the rest\n`)).rules).toEqual([]);
    await session.script("drop table app.fresh");
  });

  it("refuses a secret, masks it where the table is audited, and takes a reason", async () => {
    await session.script(
      `create table app.keys (id int, api_key text, token_count int, password_changed_at date); alter table app.keys owner to ${owner}`,
    );
    const refused = await findingsOf(`${yaml}  app.keys:\n`);
    expect(refused).toMatchObject({
      rules: [["audit/secret", 5, 3, expect.any(String)]],
      steps: [],
    });
    const allowed = `${yaml}  app.keys: { allow: { api_key: "a public key" } }\n`;
    expect((await findingsOf(allowed)).rules).toEqual([]);
    await install(session, `${yaml}  app.keys: { mask: [api_key] }\n`);
    await session.script('alter table app.keys add column "accessToken" text');
    const { steps, findings } = await plan(session, `${yaml}  app.keys: { mask: [api_key] }\n`);
    expect(findings).toMatchObject([{ rule: "audit/secret", object: "app.keys.accessToken" }]);
    await runSteps(session, steps);
    await session.script(
      "truncate shared.audit_log; insert into app.keys values (1, 'secret', 1, null, 'secret')",
    );
    const { values } = await session.one<{ values: string }>(
      "select new_values::text as values from shared.audit_log",
    );
    expect(values).not.toContain("secret");
    await session.script("drop table app.keys; drop function app.keys_audit()");
  });

  it("says which right the owner lacks", async () => {
    await session.script(`create table app.mine (id int); alter table app.mine owner to ${app}`);
    const { findings, steps } = await plan(session, `${yaml}  app.mine:\n`);
    expect(steps).toEqual([]);
    expect(findings).toMatchObject([
      {
        rule: "audit/log-denied",
        hint: `run: grant usage on schema shared to ${app}; grant insert on shared.audit_log to ${app}; grant usage on sequence shared.audit_log_seq to ${app}`,
      },
    ]);
    await session.script("drop table app.mine");
  });

  it("blames the owner where another role is to own tables", async () => {
    await session.script(`create table app.mine (id int); alter table app.mine owner to ${app}`);
    const { findings } = await plan(session, `${yaml}  app.mine:\n`, { ownerRole: owner });
    expect(findings[0]?.hint).toContain(`ALTER TABLE app.mine OWNER TO ${owner}`);
    expect(findings[0]?.hint).not.toContain("grant");
    await session.script("drop table app.mine");
  });

  it.each([
    [
      "a trigger on the log",
      "create trigger swallow before insert on shared.audit_log for each row execute function app.swallow()",
      "drop trigger swallow on shared.audit_log",
    ],
    [
      "a trigger on a leaf of it",
      "create trigger swallow before insert on shared.audit_log_default for each row execute function app.swallow()",
      "drop trigger swallow on shared.audit_log_default",
    ],
    [
      "a rule on it",
      "create rule swallow as on insert to shared.audit_log do instead nothing",
      "drop rule swallow on shared.audit_log",
    ],
  ])("sees %s, and takes it away as an extra", async (_name, sql, drop) => {
    await session.script(
      `create or replace function app.swallow() returns trigger language plpgsql as 'begin return null; end'; ${sql}`,
    );
    const { steps } = await plan(session, yaml);
    expect(steps).toMatchObject([{ sql: drop, extra: "security" }]);
    await runSteps(session, steps);
    expect(await plan(session, yaml)).toEqual({ steps: [], findings: [] });
  });

  it("lets a trigger protect the log from changes", async () => {
    await session.script(
      "create trigger guard before update or delete on shared.audit_log for each row execute function app.swallow()",
    );
    expect(await plan(session, yaml)).toEqual({ steps: [], findings: [] });
    await session.script("drop trigger guard on shared.audit_log");
  });

  it.each([
    ["session_role", "'nobody'", "session_user"],
    ["changed_at", "'2020-01-01'", "now()"],
    ["seq", "1", "nextval('shared.audit_log_seq')"],
    ["xid", "'1'", "pg_current_xact_id()"],
    ["application_name", "'x'", "current_setting('application_name', true)"],
    ["client_address", "'10.0.0.1'", "inet_client_addr()"],
  ])("sees a changed default of %s", async (column, wrong, right) => {
    const set = (value: string) =>
      session.script(`alter table shared.audit_log alter column ${column} set default ${value}`);
    await set(wrong);
    const { findings } = await plan(session, yaml);
    expect(findings).toMatchObject([{ rule: "audit/log-default", severity: "error" }]);
    await set(right);
    expect(await plan(session, yaml)).toEqual({ steps: [], findings: [] });
  });

  it("sees that triggers are switched off for a session", async () => {
    await session.script("set session_replication_role = replica");
    const { findings } = await plan(session, yaml);
    await session.script("reset session_replication_role");
    expect(findings).toMatchObject([
      { rule: "audit/replication-role", message: expect.stringContaining("by session") },
    ]);
  });

  it("tells a log that is missing or does not fit", async () => {
    expect((await findingsOf(yaml.replace("audit_log", "no_log"))).rules).toEqual([
      ["audit/log-missing", 1, 1, expect.any(String)],
    ]);
    const { findings } = await plan(session, yaml.replace("shared.audit_log", "app.users_0"));
    expect(findings[0]?.message).toMatch(
      /^app.users_0 cannot be the audit log: it has no table_name, record_id, /,
    );
  });

  it("reads mistakes of the file with their place", async () => {
    const { declared, findings } = await readDeclared(
      "log: nowhere\ntables:\n  app.users: { maks: [a] }\n",
    );
    expect(declared).toBeUndefined();
    expect(findings.map(({ at, message }) => [at?.line, at?.column, message])).toEqual([
      [1, 6, "`log` is not of the form `schema.table`"],
      [3, 16, expect.stringContaining("maks")],
    ]);
    expect(declare(yaml).file.identity).toBe("app.current_user_id");
  });
});

describe("the application", () => {
  const asApp = (sql: string) =>
    session
      .script(`begin; set local role ${app}; ${sql}; commit`)
      .then(() => "done")
      .catch(async (error: { code: string }) => {
        await session.settle("rollback");
        return error.code;
      });

  it("is recorded, and can neither read, write nor forge the log", async () => {
    await session.script("truncate shared.audit_log");
    expect(await asApp("insert into app.plain values (7, 'x')")).toBe("done");
    const { count } = await session.one<{ count: number }>(
      "select count(*)::int as count from shared.audit_log",
    );
    expect(count).toBe(1);
    expect(await asApp("select from shared.audit_log")).toBe("42501");
    expect(
      await asApp("insert into shared.audit_log (table_name, operation) values ('x', 'INSERT')"),
    ).toBe("42501");
    expect(await asApp("delete from shared.audit_log")).toBe("42501");
    expect(
      await asApp(
        "create table app.forged (id int, v text); create trigger t after insert on app.forged for each row execute function app.plain_audit()",
      ),
    ).toBe("42501");
    expect(
      await asApp(
        "create trigger t after insert on app.plain for each row execute function app.plain_audit()",
      ),
    ).toBe("42501");
  });
});
