import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { afterAll, describe, expect, test } from "vitest";
import type { Consent } from "../../src/database/confirm.ts";
import { createDatabase } from "../../src/database/create.ts";
import { dropDatabase } from "../../src/database/drop.ts";
import { protect, readProtection, refuseWhenProtected } from "../../src/database/protection.ts";
import { resetDatabase } from "../../src/database/reset.ts";
import type { DatabaseTarget } from "../../src/database/target.ts";
import { unprotectConfirmed } from "../../src/database/unprotect.ts";
import { connect } from "../../src/db/connect.ts";
import { resolveConnection } from "../../src/db/libpq.ts";
import { serverUrl, urlOf, withDatabase } from "../support/database.ts";

const admin = postgres(serverUrl(), { max: 2, onnotice: () => {} });
afterAll(async () => admin.end());

/** A database as commands see it, reached as another role if wanted. */
function targetOf(url: string, protectedBy?: string): DatabaseTarget {
  const options = resolveConnection({ url, environment: {}, homeDirectory: "/", userName: "x" });
  return {
    database: options.database,
    open: ({ writes, database }) =>
      connect(options, {
        applicationName: "pgwright test",
        writes,
        ...(database === undefined ? {} : { database }),
      }),
    protectedBy,
  };
}

const agreed = (name: string): Consent => ({ given: name, ask: undefined });
const noTerminal: Consent = { given: undefined, ask: undefined };
const once = { disconnect: false, dryRun: false };

async function exists(name: string): Promise<boolean> {
  return (await admin`select from pg_database where datname = ${name}`).length === 1;
}

/** A role that may log in, with nothing else unless `attributes` say so. */
async function withRole(attributes = "") {
  const name = `Role ${randomBytes(6).toString("hex")}`;
  await admin.unsafe(`create role "${name}" login password 'secret' ${attributes}`);
  return {
    name,
    urlOf(database: string): string {
      const url = new URL(urlOf(database));
      url.username = encodeURIComponent(name);
      url.password = "secret";
      return url.href;
    },
    async [Symbol.asyncDispose]() {
      await admin.unsafe(`drop owned by "${name}"`);
      await admin.unsafe(`drop role "${name}"`);
    },
  };
}

function connectTo(name: string): postgres.Sql {
  return postgres(serverUrl(), { database: name, max: 1, onnotice: () => {} });
}

async function run(name: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = connectTo(name);
  try {
    return [...(await client.unsafe(sql))];
  } finally {
    await client.end({ timeout: 1 });
  }
}

describe("db create and db drop", () => {
  test("create is done once, drop after consent, both say when there is nothing to do", async () => {
    const name = `New "db" ${randomBytes(6).toString("hex")}`;
    const target = targetOf(urlOf(name));
    try {
      expect(await createDatabase(target, { dryRun: true })).toMatchObject({
        created: false,
        exists: false,
        sql: [`CREATE DATABASE "${name.replaceAll('"', '""')}"`],
      });
      expect(await exists(name)).toBe(false);
      // At once: all but one find it made.
      const all = await Promise.all([1, 2, 3].map(() => createDatabase(target, { dryRun: false })));
      expect(all.filter(({ created }) => created)).toHaveLength(1);
      expect(all.every(({ exists: isThere }) => isThere)).toBe(true);
      const consent = agreed(name);
      expect(
        await dropDatabase(target, { consent, disconnect: false, dryRun: true }),
      ).toMatchObject({
        dropped: false,
        existed: true,
      });
      expect(await exists(name)).toBe(true);
      expect(await dropDatabase(target, { consent, ...once })).toMatchObject({ dropped: true });
      expect(await exists(name)).toBe(false);
      expect(await dropDatabase(target, { consent, ...once })).toMatchObject({ existed: false });
    } finally {
      await admin.unsafe(`drop database if exists "${name.replaceAll('"', '""')}"`);
    }
  });

  test("without consent nothing is attempted; a typed name is consent", async () => {
    await using db = await withDatabase();
    const target = targetOf(db.url);
    await expect(dropDatabase(target, { consent: noTerminal, ...once })).rejects.toMatchObject({
      code: "confirmation-needed",
      exit: 2,
      details: { hint: `\`pgwright db drop --confirm '${db.name}'\`` },
    });
    await expect(
      dropDatabase(target, { consent: agreed("postgres"), ...once }),
    ).rejects.toMatchObject({ code: "confirmation-needed" });
    const asked: string[] = [];
    const answer = (text: string): Consent => ({
      given: undefined,
      ask: async (question) => {
        asked.push(question);
        return text;
      },
    });
    await expect(dropDatabase(target, { consent: answer("yes"), ...once })).rejects.toMatchObject({
      code: "confirmation-needed",
      message: "not confirmed: nothing was changed",
    });
    expect(asked[0]).toMatch(/^Drop database Test \w+ \(\d+ MB\)\?\nType the database's name/);
    expect(await exists(db.name)).toBe(true);
    await dropDatabase(target, { consent: answer(`${db.name}\n`), ...once });
    expect(await exists(db.name)).toBe(false);
  });

  test("others at work are named, and ended only with --disconnect", async () => {
    await using db = await withDatabase();
    const target = targetOf(db.url);
    const other = postgres(serverUrl(), {
      database: db.name,
      max: 1,
      connection: { application_name: "nightly report" },
    });
    try {
      await other`select 1`;
      const consent = agreed(db.name);
      for (const attempt of [dropDatabase, resetDatabase]) {
        await expect(attempt(target, { consent, ...once })).rejects.toMatchObject({
          code: "database-busy",
          exit: 3,
          message: `1 other session is connected to database \`${db.name}\``,
          details: {
            notes: ["connected: nightly report as postgres"],
            hint: expect.stringContaining("--disconnect"),
          },
        });
      }
      await dropDatabase(target, { consent, disconnect: true, dryRun: false });
      expect(await exists(db.name)).toBe(false);
    } finally {
      await other.end({ timeout: 1 });
    }
  });

  test("what the server refuses is said in one sentence, and nothing is dropped", async () => {
    await using db = await withDatabase();
    await using role = await withRole();
    const name = `Denied ${randomBytes(6).toString("hex")}`;
    await expect(
      createDatabase(targetOf(role.urlOf(name)), { dryRun: false }),
    ).rejects.toMatchObject({
      code: "sql-failed",
      exit: 4,
      details: { sqlstate: "42501", hint: expect.stringContaining("needs CREATEDB") },
    });
    await expect(
      dropDatabase(targetOf(role.urlOf(db.name)), { consent: agreed(db.name), ...once }),
    ).rejects.toMatchObject({ code: "sql-failed", details: { sqlstate: "42501" } });
    expect(await exists(db.name)).toBe(true);
    for (const own of ["postgres", "template1"]) {
      await expect(
        dropDatabase(targetOf(urlOf(own)), { consent: agreed(own), ...once }),
      ).rejects.toMatchObject({ code: "usage" });
    }
  });
});

describe("db reset", () => {
  test("leaves an empty database with all that was set on it", async () => {
    await using owner = await withRole("createdb");
    await using db = await withDatabase();
    const quoted = `"${db.name}"`;
    await admin.unsafe(`
      alter database ${quoted} owner to "${owner.name}";
      alter database ${quoted} connection limit 7;
      alter database ${quoted} set search_path = "$user", "Odd, name", public;
      alter database ${quoted} set work_mem = '7MB';
      alter database ${quoted} set pgwright_test.value = 'it''s \\ here';
      alter role "${owner.name}" in database ${quoted} set statement_timeout = '9s';
      revoke all on database ${quoted} from public;
      grant connect on database ${quoted} to public;
      grant create on database ${quoted} to "${owner.name}" with grant option;
      comment on database ${quoted} is 'it''s kept'`);
    await run(db.name, "create table gone (); create extension pg_stat_statements");
    const describeIt = async () =>
      admin`select d.datdba, d.encoding, d.datcollate, d.datctype, d.dattablespace, d.datconnlimit,
                   array(select a::text from unnest(d.datacl) a order by 1) as acl,
                   shobj_description(d.oid, 'pg_database') as comment,
                   (select json_agg(s.setconfig order by s.setrole)
                    from pg_db_role_setting s where s.setdatabase = d.oid) as settings
            from pg_database d where d.datname = ${db.name}`;
    const before = [...(await describeIt())];
    expect(before[0]?.["settings"]).toHaveLength(2);
    const consent = agreed(db.name);
    // A superuser set a parameter that its owner may not set again: refused, not left out.
    await expect(
      resetDatabase(targetOf(owner.urlOf(db.name)), { consent, ...once }),
    ).rejects.toMatchObject({ code: "sql-failed", details: { sqlstate: "42501" } });
    expect([...(await describeIt())]).toEqual(before);
    const result = await resetDatabase(targetOf(db.url), { consent, ...once });
    expect(result.reset).toBe(true);
    expect([...(await describeIt())]).toEqual(before);
    expect(await run(db.name, "select to_regclass('gone') as gone")).toEqual([{ gone: null }]);
    expect(await admin`select from pg_database where datname like 'pgwright\\_reset\\_%'`).toEqual(
      [],
    );
  });

  test("keeps encoding and locale that are not those of template1", async () => {
    await using db = await withDatabase();
    await admin.unsafe(`drop database "${db.name}"`);
    await admin.unsafe(`create database "${db.name}" template template0 encoding 'LATIN1'
      locale_provider libc lc_collate 'C' lc_ctype 'C'`);
    const dry = await resetDatabase(targetOf(db.url), {
      consent: noTerminal,
      disconnect: false,
      dryRun: true,
    });
    expect(dry.sql[0]).toContain("TEMPLATE template0 ENCODING 'LATIN1'");
    await resetDatabase(targetOf(db.url), { consent: agreed(db.name), ...once });
    expect(await run(db.name, "select current_setting('server_encoding') as e")).toEqual([
      { e: "LATIN1" },
    ]);
  });

  test("what would fail in the middle fails before: an owner who may not create databases", async () => {
    await using owner = await withRole();
    await using db = await withDatabase();
    await admin.unsafe(`alter database "${db.name}" owner to "${owner.name}"`);
    await run(db.name, "create table kept ()");
    await expect(
      resetDatabase(targetOf(owner.urlOf(db.name)), { consent: agreed(db.name), ...once }),
    ).rejects.toMatchObject({
      code: "sql-failed",
      message: expect.stringContaining("was not reset and is unchanged"),
    });
    expect(await run(db.name, "select to_regclass('kept')::text as t")).toEqual([{ t: "kept" }]);
  });

  test("a database that is not there is not reset", async () => {
    const name = `None ${randomBytes(6).toString("hex")}`;
    await expect(
      resetDatabase(targetOf(urlOf(name)), { consent: agreed(name), ...once }),
    ).rejects.toMatchObject({ code: "database-missing", exit: 3 });
  });
});

describe("db protect and db unprotect", () => {
  test("a marked database refuses, for everybody, until the mark is removed", async () => {
    await using db = await withDatabase();
    await using role = await withRole();
    const target = targetOf(db.url);
    {
      await using session = await target.open({ writes: true, direct: true });
      expect(await readProtection(session)).toBeUndefined();
      await refuseWhenProtected(session, "seed it");
      expect(await protect(session, "customer data")).toMatchObject({ changed: true });
      expect(await protect(session, null)).toMatchObject({
        changed: false,
        protection: { reason: "customer data", isForThisDatabase: true, markedName: db.name },
      });
    }
    const consent = agreed(db.name);
    for (const attempt of [dropDatabase, resetDatabase]) {
      await expect(
        attempt(target, { consent, disconnect: true, dryRun: false }),
      ).rejects.toMatchObject({
        code: "database-protected",
        exit: 4,
        details: {
          notes: [expect.stringMatching(/^marked by postgres on 20..-..-..: customer data$/)],
          hint: expect.stringContaining(`pgwright db unprotect --confirm '${db.name}'`),
        },
      });
    }
    const plain = targetOf(role.urlOf(db.name));
    await expect(dropDatabase(plain, { consent, ...once })).rejects.toMatchObject({
      code: "database-protected",
    });
    await expect(unprotectConfirmed(plain, consent)).rejects.toMatchObject({
      code: "sql-failed",
      details: { sqlstate: "42501" },
    });
    await expect(unprotectConfirmed(target, noTerminal)).rejects.toMatchObject({
      code: "confirmation-needed",
    });
    expect(await unprotectConfirmed(target, consent)).toMatchObject({
      removed: { markedName: db.name },
    });
    expect(await unprotectConfirmed(target, consent)).toMatchObject({ removed: null });
    expect(await dropDatabase(target, { consent, ...once })).toMatchObject({ dropped: true });
  });

  test("a copy still refuses and says where its mark came from", async () => {
    await using original = await withDatabase();
    {
      await using session = await targetOf(original.url).open({ writes: true, direct: true });
      await protect(session, null);
    }
    await using copy = await withDatabase({ template: original.name });
    const target = targetOf(copy.url);
    const consent = agreed(copy.name);
    await expect(dropDatabase(target, { consent, ...once })).rejects.toMatchObject({
      code: "database-protected",
      details: {
        notes: [expect.stringContaining(`it was made by postgres on`)],
        hint: expect.stringContaining("if this is only a copy"),
      },
    });
    await run(
      copy.name,
      `update pgwright.protection set database_name = current_database(), system_identifier = '7'`,
    );
    await expect(dropDatabase(target, { consent, ...once })).rejects.toMatchObject({
      details: { notes: [expect.stringContaining(`for \`${copy.name}\` on another server`)] },
    });
    // Protecting the copy makes the mark its own.
    await using session = await target.open({ writes: true, direct: true });
    expect(await protect(session, null)).toMatchObject({
      changed: true,
      protection: { markedName: copy.name, isForThisDatabase: true },
    });
  });

  test("many at once make one mark", async () => {
    await using db = await withDatabase();
    const target = targetOf(db.url);
    const protectOnce = async () => {
      await using session = await target.open({ writes: true, direct: true });
      return await protect(session, null);
    };
    await Promise.all(Array.from({ length: 6 }, protectOnce));
    expect(await run(db.name, "select count(*)::int from pgwright.protection")).toEqual([
      { count: 1 },
    ]);
  });

  test("a role that may not create the mark is told what it needs", async () => {
    await using db = await withDatabase();
    await using role = await withRole();
    await using session = await targetOf(role.urlOf(db.name)).open({ writes: true, direct: true });
    await expect(protect(session, null)).rejects.toMatchObject({
      code: "sql-failed",
      details: { hint: expect.stringContaining(`GRANT CREATE ON DATABASE "${db.name}"`) },
    });
  });

  test("a mark that cannot be read is taken for one, and one without an identity goes by its name", async () => {
    await using db = await withDatabase();
    await using role = await withRole();
    const target = targetOf(role.urlOf(db.name));
    await run(
      db.name,
      `revoke execute on function pg_catalog.pg_control_system() from public;
       grant create on database "${db.name}" to "${role.name}"`,
    );
    {
      await using session = await target.open({ writes: true, direct: true });
      expect(await protect(session, null)).toMatchObject({
        protection: { markedSystem: null, isForThisDatabase: true },
      });
    }
    await run(db.name, "revoke usage on schema pgwright from public");
    await run(db.name, `alter table pgwright.protection owner to postgres`);
    await run(db.name, `alter schema pgwright owner to postgres`);
    await using session = await target.open({ writes: true, direct: true });
    await expect(refuseWhenProtected(session, "seed it")).rejects.toMatchObject({
      code: "database-protected",
      message: expect.stringContaining("may not read pgwright.protection"),
    });
  });

  test("an environment that is protected in pgwright.yaml refuses before anything is opened", async () => {
    const target: DatabaseTarget = {
      ...targetOf(urlOf("nowhere"), "production"),
      open: () => Promise.reject(new Error("must not connect")),
    };
    const options = { consent: agreed("nowhere"), ...once };
    for (const attempt of [dropDatabase, resetDatabase]) {
      await expect(attempt(target, options)).rejects.toMatchObject({
        code: "database-protected",
        details: { notes: ["environment `production` of pgwright.yaml says `protected: true`"] },
      });
    }
  });
});
