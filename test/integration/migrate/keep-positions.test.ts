/** Sequences that a rollback drops or sets back go on where they were. */
import { expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";

test("whatever drops a sequence or sets it back, it goes on behind its position", async () => {
  const role = `keeper_${crypto.randomUUID().slice(0, 8)}`;
  await using project = await withMigrations(
    {
      "001_docs.sql": migration(
        `create sequence doc_no;
         create table docs (no bigint primary key default nextval('doc_no'), t text);
         create sequence other; create sequence again; create sequence calm;
         create table users (id serial primary key);`,
        "drop table docs, users; drop sequence doc_no, other, again, calm;",
      ),
      "002_more.sql": migration(
        `create schema app;
         create sequence app."Down" increment by -1;
         create table app.empty (id int generated always as identity primary key);
         create sequence never;`,
        `select setval('other', 2);
         do $$ begin execute 'alter sequence again restart'; end $$;
         truncate users restart identity;
         drop sequence never;
         drop schema app cascade;`,
      ),
    },
    { yaml: `migrations:\n  role: ${role}\n` },
  );
  const { sql } = project;
  await sql.unsafe(`create role ${role}; grant create on schema public to ${role};
    grant create on database "${project.database.name}" to ${role}`);
  try {
    await project.mustRun(["migrate"]);
    await sql`insert into docs (t) select 'x' from generate_series(1, 30)`;
    await sql`insert into app.empty default values`;
    await sql`insert into users select nextval('users_id_seq') from generate_series(1, 4)`;
    await sql`delete from app.empty`;
    await sql`select nextval('app."Down"'), nextval('app."Down"'), setval('other', 7), setval('again', 5), setval('calm', 9)`;

    const back = await project.run(["rollback", "--all", "--keep-data"]);
    expect(back.stderr).not.toContain("error");
    expect(back.stdout).toContain("kept public.users: 4 rows in pgwright.kept_1");
    expect(back.stdout).toContain(
      'kept where app."Down", app.empty_id_seq, public.again, public.other stood, in pgwright.kept_data',
    );
    expect(back.stdout).toContain(
      "kept where public.calm, public.doc_no, public.other stood, in pgwright.kept_data",
    );
    const again = await project.run(["migrate"]);
    expect(again.stderr).not.toContain("error");
    expect(again.stdout).toContain(
      "public.calm, public.doc_no, public.other: 3 positions put back",
    );
    expect(again.stdout).toContain("public.again, public.other: 4 positions put back");
    const [next] =
      await sql`select nextval('doc_no') as doc, nextval('app."Down"') as down, nextval('other') as other,
        nextval('again') as again, nextval('never') as never, nextval('users_id_seq') as users`;
    expect(next).toEqual({
      doc: "31",
      down: "-3",
      other: "8",
      again: "6",
      never: "1",
      users: "5",
    });
    expect(await sql`insert into app.empty default values returning id`).toEqual([{ id: 2 }]);

    // Applied without them, and put back by hand.
    await project.mustRun(["rollback", "--all", "--keep-data"]);
    const left = await project.run(["migrate", "--leave-kept"]);
    expect(left.stderr).not.toContain("error");
    expect(left.stdout).toContain("public.other: 3 positions stay in pgwright.kept_data");
    await sql.unsafe(`drop sequence again`);
    const reserved = await sql.reserve();
    await reserved.unsafe(left.stdout.slice(left.stdout.indexOf("begin;"))).simple();
    reserved.release();
    expect(await sql`select nextval('doc_no') as doc, nextval('other') as other`).toEqual([
      { doc: "32", other: "9" },
    ]);
    expect(
      await sql`select rows_left, sequences->0->>'name' as name from pgwright.kept_data where rows_left > 0`,
    ).toEqual([{ rows_left: "1", name: "public.again" }]);
  } finally {
    await sql.unsafe(`drop owned by ${role}; drop role ${role}`);
  }
});

test("over several transactions and a rename, and nothing of what has lost nothing", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create sequence a; create sequence b; create table t (id int); create index t_id on t (id);",
      `alter sequence a rename to a_old;
       alter sequence b restart;
       drop index concurrently t_id;
       drop sequence a_old, b; drop table t;`,
    ),
    "002_u.sql": migration("create table u (id serial);", "drop table if exists none;"),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`select setval('a', 3), setval('b', 4), setval('u_id_seq', 5)`;
  const back = await project.run(["rollback", "--keep-data"]);
  expect(back.stdout).not.toContain("kept");
  expect(await sql`select from pgwright.kept_data`).toHaveLength(0);
  await project.mustRun(["rollback", "--keep-data"]);
  await project.mustRun(["migrate", "--steps", "1"]);
  expect(await sql`select nextval('a') as a, nextval('b') as b`).toEqual([{ a: "4", b: "5" }]);
});
