/** A key that is called otherwise is renamed: foreign keys that refer to it stay as they are. */
import { expect, test } from "vitest";
import { withDatabase } from "../../support/database.ts";
import { withMigrations } from "../../support/migration-project.ts";

/** The SQL from one schema to the other, run on the first; what is different after it. */
async function lead(from: string, to: string) {
  await using project = await withMigrations({});
  await using one = await withDatabase();
  await using other = await withDatabase();
  await one.sql.unsafe(from).simple();
  await other.sql.unsafe(to).simple();
  const script = (await project.run(["diff", one.url, other.url, "--sql"])).stdout;
  await one.sql.unsafe(script).simple();
  const after = await project.json(["diff", one.url, other.url]);
  return { script, after: after.body.result.differences as { leftOut: unknown[] }[] };
}

const family = `create schema s;
  create table s.par (id int primary key, code text not null constraint codes unique);
  create table s.ch (id int primary key, pid int references s.par on delete cascade, code text references s.par (code));
  create view s.v as select id, code from s.par group by id;
  comment on constraint par_pkey on s.par is 'the key'; comment on index s.par_pkey is 'its index';
  alter table s.par replica identity using index codes;
  alter table s.par cluster on par_pkey;`;

test("a primary and a unique key that others refer to get their new names, with all that is about them", async () => {
  const { script, after } = await lead(
    family,
    `${family} alter table s.par rename constraint par_pkey to "P K";
     alter table s.par rename constraint codes to "Codes";
     comment on constraint "P K" on s.par is 'another';`,
  );
  expect(script).toContain('ALTER TABLE s.par RENAME CONSTRAINT par_pkey TO "P K";');
  expect(script).not.toMatch(/ADD CONSTRAINT|DROP CONSTRAINT|left out/);
  expect(after).toEqual([]);
});

test("renamed keys of partitions and of their table are renamed each", async () => {
  const parted = `create schema s; create table s.p (id int primary key) partition by range (id);
    create table s.one partition of s.p for values from (0) to (10);
    create table s.two partition of s.p for values from (10) to (20);
    create table s.ch (id int references s.p);`;
  const { script, after } = await lead(
    parted,
    `${parted} alter table s.p rename constraint p_pkey to "P K"; alter table s.one rename constraint one_pkey to k1;`,
  );
  expect(script).not.toMatch(/ADD CONSTRAINT|DROP CONSTRAINT|left out/);
  expect(after).toEqual([]);
});

test("where the old primary key stays, no other one comes", async () => {
  const { script, after } = await lead(
    "create schema s; create table s.par (id int primary key, n int not null); create table s.ch (id int references s.par);",
    "create schema s; create table s.par (id int, n int not null, constraint k primary key (id, n), constraint u unique (id)); create table s.ch (id int references s.par (id));",
  );
  expect(script).toContain(
    "-- left out: constraint par_pkey: foreign key ch_id_fkey of s.ch needs it",
  );
  expect(script).toContain("-- left out: constraint k: ");
  expect(script).not.toContain("ADD CONSTRAINT k ");
  expect(after.flatMap(({ leftOut }) => leftOut)).not.toEqual([]);
});

test("a name that another object gives up is free in time, and a swap is left out", async () => {
  const before = `create schema s; create table s.a (id int constraint ka primary key);
    create table s.b (id int constraint kb primary key); create table s.c (id int references s.a, b int references s.b);`;
  const freed = await lead(
    `${before} create index kc on s.c (id);`,
    `${before} alter table s.a rename constraint ka to kc; create index ka on s.c (id);`,
  );
  expect(freed.script).not.toContain("left out");
  expect(freed.after).toEqual([]);
  const swapped = await lead(
    before,
    `${before} alter table s.a rename constraint ka to k; alter table s.b rename constraint kb to ka;
     alter table s.a rename constraint k to kb;`,
  );
  expect(swapped.script).toContain(
    "left out: constraint kb: constraint ka has its name until then",
  );
  expect(swapped.script).not.toContain("RENAME");
});
