/** References that a CHECK of the table narrows to some of the parents, as tables of subtypes have them. */
import { expect, it } from "vitest";
import { withDatabase } from "../../support/database.ts";
import { runSeed } from "../../support/seed.ts";

it("takes the parents that the checks of the key's columns leave", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(`
    create table sub (id int, kind text check (kind in ('x', 'y')), primary key (id, kind));
    create table subx (id int primary key, kind text default 'x' check (kind = 'x'),
      foreign key (id, kind) references sub match full);
    create table suby (id int primary key, kind text not null default 'y' check (kind = 'y'),
      foreign key (id, kind) references sub);
    create table notes (id int primary key, sub_id int not null, kind text not null check (kind <> 'x'),
      foreign key (sub_id, kind) references sub);
    create table pairs (sub_id int, kind text check (kind = 'y'), flag boolean, primary key (sub_id, kind, flag),
      foreign key (sub_id, kind) references sub);`);
  const { loaded } = await runSeed(database);
  const counts = Object.fromEntries(loaded.map(({ table, rows }) => [table, rows]));
  const [parents] = await database.sql`
    select count(*) filter (where kind = 'x')::int as x, count(*) filter (where kind = 'y')::int as y from sub`;
  expect(counts).toMatchObject({
    "public.sub": 100,
    "public.subx": parents?.["x"],
    "public.suby": parents?.["y"],
    "public.notes": 100,
  });
  expect(parents?.["x"]).toBeGreaterThan(20);
});

it("adds rows to the parents that are left, and raises families of them alone", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(`
    create table sub (id int, kind text check (kind in ('x', 'y')), primary key (id, kind));
    create table subx (id int primary key, kind text not null check (kind = 'x'), foreign key (id, kind) references sub);
    create table parts (id int primary key, sub_id int not null, kind text not null check (kind = 'x'),
      foreign key (sub_id, kind) references sub);`);
  const requests = {
    "public.subx": { rows: 10, columns: {} },
    "public.parts": {
      rows: { kind: "range", per: "sub_id", min: 2, max: 2 },
      columns: {},
    },
  } as const;
  await runSeed(database, { requests });
  const [row] = await database.sql`
    select (select count(*)::int from subx) as subx, (select count(*)::int from parts) as parts,
      (select 2 * count(*)::int from sub where kind = 'x') as wanted`;
  expect(row).toEqual({ subx: 10, parts: row?.["wanted"], wanted: row?.["wanted"] });
  await runSeed(database, { requests, append: true, tables: ["subx"] });
  const [after] = await database.sql`select count(*)::int as n from subx`;
  expect(after).toEqual({ n: 20 });
});
