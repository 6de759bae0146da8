/** Indexes and foreign keys of large tables come after the rows, and are exactly as they were. */
import { expect, it } from "vitest";
import { withDatabase } from "../../support/database.ts";
import { connectTo } from "../../support/fitnesshub.ts";
import { runSeed } from "../../support/seed.ts";

const ddl = `
create table "Users" (id int primary key, email text not null, "Name" text not null, score int,
  constraint "one mail" unique (email) deferrable initially deferred);
create index "by Name" on "Users" ("Name" desc nulls last) include (score) with (fillfactor = 80);
create index lower_name on "Users" (lower("Name")) where score > 5;
create index told on "Users" (score);
comment on index told is 'it''s a \\ comment';
comment on constraint "Users_pkey" on "Users" is 'told too';
create index read on "Users" (score desc);
alter table "Users" cluster on read;
create unique index one_name on "Users" ("Name", id) nulls not distinct;
create table parents (id int primary key, name text unique);
create table children (id int primary key, parent_id int not null references parents);
create table watched (id int primary key, name text);
create function look() returns trigger language plpgsql as $$ begin
  if exists (select from watched where id = -1) then raise 'no'; end if; return null; end $$;
create trigger look after insert on watched for each statement execute function look();`;

const rows = { rows: 20_000, columns: {} };
const requests = {
  "public.Users": rows,
  "public.parents": rows,
  "public.children": { rows: 10, columns: {} },
  "public.watched": rows,
};

const shape = `
  select json_agg(json_build_array(indexrelid::regclass, pg_get_indexdef(indexrelid), indisvalid, indimmediate,
    obj_description(indexrelid), (select inhparent::regclass from pg_inherits where inhrelid = indexrelid),
    (select json_build_array(pg_get_constraintdef(c.oid), obj_description(c.oid)) from pg_constraint c
    where c.conindid = indexrelid and c.contype in ('p', 'u'))) order by indexrelid::regclass::text) as indexes
  from pg_index where indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)`;

it("indexes come back as they were; what others need stays", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(ddl);
  const before = await database.sql.unsafe(shape);
  const plan = await runSeed(database, { requests, dryRun: true });
  const late = Object.fromEntries(
    plan.tables.map(({ table, lateIndexes }) => [table, lateIndexes.map(({ name }) => name)]),
  );
  expect(late).toEqual({
    "public.Users": ["Users_pkey", "by Name", "lower_name", "told", "one_name"],
    "public.parents": ["parents_name_key"],
    "public.children": [],
    "public.watched": [],
  });
  expect(await database.sql.unsafe(shape)).toEqual(before);
  const titles: string[] = [];
  await runSeed(database, {
    requests,
    events: (event) => {
      if (event.type === "step-finished") titles.push(event.title);
    },
  });
  expect(titles).toContain("Users_pkey, by Name, lower_name, told, one_name");
  expect(await database.sql.unsafe(shape)).toEqual(before);
  const [row] = await database.sql`select count(*)::int as n from "Users"`;
  expect(row).toEqual({ n: 20_000 });
});

it("indexes stay where somebody uses the table", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe("create table t (id int primary key, name text unique)");
  const other = connectTo(database, 1);
  await other.unsafe("begin; select from t");
  const titles: string[] = [];
  const notices: string[] = [];
  await runSeed(database, {
    requests: { "public.t": rows },
    events: (event) => {
      if (event.type === "step-finished") titles.push(event.title);
      if (event.type === "notice") notices.push(event.message);
    },
  });
  await other.end();
  expect(titles).toEqual(["public.t"]);
  expect(notices).toEqual([expect.stringMatching(/^public\.t or .* its rows come more slowly$/)]);
  const [row] = await database.sql`select count(*)::int as n from t`;
  expect(row).toEqual({ n: 20_000 });
});

const family = `
create table parents (id int, region int, name text, primary key (id, region)) partition by hash (id);
create table parents_0 partition of parents for values with (modulus 2, remainder 0);
create table parents_1 partition of parents for values with (modulus 2, remainder 1);
create table kinds (id int primary key);
create table children (id uuid primary key, parent_id int not null, region int not null, kind_id int references kinds,
  before_id uuid, other_id int, note_id int, told_id int, unchecked_id int,
  unique (id, parent_id),
  constraint "The Parent" foreign key (parent_id, region) references parents on update cascade on delete cascade,
  constraint tree foreign key (before_id, parent_id) references children (id, parent_id) deferrable initially deferred,
  constraint other foreign key (other_id) references kinds match full on delete set null,
  constraint told foreign key (told_id) references kinds);
comment on constraint told on children is 'it''s told';
alter table children add constraint unchecked foreign key (unchecked_id) references kinds not valid;
create function fill() returns trigger language plpgsql as $$ begin
  -- 'children' is named in a comment and a string only
  if new.region is null then select p.region into new.region from parents p where p.id = new.parent_id; end if;
  perform 'delete from children'; return new; end $$;
create trigger fill before insert on children for each row execute function fill();
create table sold (id int, at date, kind_id int references kinds, note text, primary key (id, at)) partition by range (at);
create table sold_all partition of sold default partition by hash (id);
create table sold_all_0 partition of sold_all for values with (modulus 1, remainder 0);
create table sold_2025 (note text, id int not null, at date not null, kind_id int);
create index "their own" on sold_2025 (kind_id, at);
create index "Kinds" on sold (kind_id, at); create index notes on sold (lower(note)) where id > 0; create index told on sold (note);
alter table sold attach partition sold_2025 for values from ('2025-01-01') to ('2026-01-01');
comment on index notes is 'of notes'; comment on index sold_2025_note_idx is 'of a part';
create function look_up() returns trigger language plpgsql as $$ begin perform from held where id = -1; return null; end $$;
create table held (id int, note text, kind_id int references kinds) partition by list (id);
create table held_all partition of held default;
create index held_note on held (note);
create trigger look_up after insert on held_all for each statement execute function look_up();
create table bold (id int primary key, kind_id int references kinds);
create function drop_one() returns trigger language plpgsql as $$ begin delete from kinds where id = -1; return new; end $$;
create trigger drop_one before insert on bold for each row execute function drop_one();`;

const keys = `
  select json_agg(json_build_array(conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated, condeferred,
    obj_description(oid, 'pg_constraint')) order by conrelid::regclass::text, conname) as keys
  from pg_constraint where contype = 'f' and conparentid = 0`;

it("foreign keys come back as they were, checked for all rows at once", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(family);
  const before = [await database.sql.unsafe(keys), await database.sql.unsafe(shape)];
  const many = {
    "public.children": rows,
    "public.sold": rows,
    "public.held": rows,
    "public.bold": rows,
  };
  const plan = await runSeed(database, { requests: many, dryRun: true });
  const late = Object.fromEntries(
    plan.tables.flatMap(({ table, lateIndexes, lateKeys }) =>
      table in many
        ? [[table, [lateIndexes, lateKeys].map((all) => all.map(({ name }) => name))]]
        : [],
    ),
  );
  expect(late).toEqual({
    "public.children": [
      ["children_pkey", "children_id_parent_id_key"],
      ["children_kind_id_fkey", "The Parent", "tree", "other", "told"],
    ],
    "public.sold": [["Kinds", "notes"], ["sold_kind_id_fkey"]],
    "public.held": [[], ["held_kind_id_fkey"]],
    "public.bold": [["bold_pkey"], []],
  });
  await runSeed(database, { requests: { "public.children": rows, "public.sold": rows } });
  expect([await database.sql.unsafe(keys), await database.sql.unsafe(shape)]).toEqual(before);
  const [row] = await database.sql`select count(*)::int as n from children`;
  expect(row).toEqual({ n: 20_000 });
  await expect(
    database.sql`insert into children (id, parent_id, region) values (gen_random_uuid(), -1, -1)`,
  ).rejects.toThrow('violates foreign key constraint "The Parent"');
});

it("a row that a trigger spoils is told by its foreign key, and nothing is left", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(`
    create table kinds (id int primary key);
    create table things (id int primary key, kind_id int not null references kinds);
    create function spoil() returns trigger language plpgsql as $$ begin
      if new.id = 19999 then new.kind_id = -1; end if; return new; end $$;
    create trigger spoil before insert on things for each row execute function spoil();`);
  await expect(runSeed(database, { requests: { "public.things": rows } })).rejects.toThrow(
    /violates foreign key constraint "things_kind_id_fkey"; nothing was written.*detail: Key \(kind_id\)=\(-1\) is not present/,
  );
  const [row] = await database.sql`
    select (select count(*) from kinds)::int as kinds, (select count(*) from pg_constraint where contype = 'f')::int as keys`;
  expect(row).toEqual({ kinds: 0, keys: 1 });
});

it("foreign keys stay where a check of their parent waits for the commit", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(`
    create table kinds (id int primary key);
    create table things (id int primary key, kind_id int not null references kinds);
    create function need_things() returns trigger language plpgsql as $$ begin
      if not exists (select from things where kind_id = new.id) then raise 'no thing of kind %', new.id; end if;
      return null; end $$;
    create constraint trigger need_things after insert on kinds deferrable initially deferred
      for each row execute function need_things();`);
  const titles: string[] = [];
  await runSeed(database, {
    requests: { "public.kinds": { rows: 10, columns: {} }, "public.things": rows },
    events: (event) => {
      if (event.type === "step-finished") titles.push(event.title);
    },
  });
  expect(titles).toEqual(["public.kinds", "public.things"]);
  const [row] = await database.sql`select count(*)::int as n from things`;
  expect(row).toEqual({ n: 20_000 });
});
