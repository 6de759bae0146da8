/** Texts of the schema reach the copy as they are: each is named, and looked through for originals. */
import { expect, test } from "vitest";
import { withDatabase } from "../../support/database.ts";
import { copyMasked, verifyWith } from "../../support/verify.ts";

/** One literal in each place of a schema where one can stand. */
const schema = `
  create schema s;
  create table s.p (id int primary key, name text not null default 'Deflt Person-A', code text, at text,
    twice text generated always as (coalesce(name, 'Gened Person-B')) stored,
    constraint named check (name <> 'Check Person-C'),
    constraint apart exclude (code with =) where (code <> 'Exclu Person-D'));
  create index partly on s.p (id) where name <> 'Index Person-E';
  create index wordy on s.p ((name || 'Expre Person-F'));
  create policy pol on s.p using (name <> 'Polic Person-G') with check (name <> 'Allow Person-H');
  create function s.f() returns trigger language plpgsql as $$ begin perform 'Funct Person-I'; return new; end $$;
  create function s.g(a text default 'Argum Person-J') returns text language sql begin atomic select a || 'Atomi Person-K'; end;
  create aggregate s.glue(text) (sfunc = textcat, stype = text, initcond = 'Aggre Person-L');
  create trigger tri before insert on s.p for each row when (new.name <> 'Trigg Person-M') execute function s.f();
  create trigger args before update on s.p for each row execute function s.f('Param Person-N');
  create rule rul as on delete to s.p where old.name = 'Ruled Person-O' do instead nothing;
  create view s.v as select id from s.p where name <> 'Views Person-P';
  create materialized view s.m as select id from s.p where name <> 'Matvi Person-Q';
  create type s.mood as enum ('Label Person-R');
  create domain s.d as text default 'Domai Person-S' check (value <> 'Value Person-T');
  create statistics s.st on (name || 'Stati Person-U'), id from s.p;
  create table s.l (name text, id int) partition by list ((name || 'Pkeys Person-V'));
  create table s.l1 partition of s.l for values in ('Bound Person-W');
  create publication %PUB% for table s.p where (id > 0 and at <> 'Publi Person-X');
  create text search dictionary s.dict (template = simple, accept = 'false');
  alter table s.p replica identity full;
  comment on column s.p.name is 'Comme Person-Y';
  comment on schema public is 'Publc Person-Z';`;

const rules = `tables:
  s.p: {columns: {name: scramble, code: {keep: true, reason: x}, at: {keep: true, reason: x}}}
  s.l: {columns: {name: {keep: true, reason: x}}}`;

test("every literal of a schema is in the list of its texts, and is found if it is an original", async () => {
  await using source = await withDatabase();
  await using target = await withDatabase();
  await source.sql.unsafe(schema.replace("%PUB%", "texts_of_schema")).simple();
  const literals = schema.match(/\w+ Person-[A-Z]/g) ?? [];
  expect(literals).toHaveLength(26);
  await source.sql`alter table s.p disable trigger all`;
  // A CHECK forbids its own literal to the rows.
  const names = literals.filter((name) => !name.startsWith("Check"));
  await source.sql`insert into s.p (id, name) select n, v from jsonb_array_elements_text(${JSON.stringify(names)}::text::jsonb) with ordinality e(v, n)`;
  await source.sql`alter table s.p enable trigger all`;
  const { texts } = await copyMasked(source, target, rules);
  expect(texts.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    "check d_check of s.d",
    "check named of s.p",
    "comment column name of table s.p",
    "comment schema public",
    "default s.d",
    "default s.p.name",
    "default s.p.twice",
    "dictionary s.dict",
    "enum s.mood (1 labels)",
    "exclusion apart of s.p",
    "function s.f()",
    "function s.g(text)",
    "function s.glue(text)",
    "index s.partly",
    "index s.wordy",
    "partition bound s.l1",
    "partition key s.l",
    "policy pol on s.p",
    "publication texts_of_schema for s.p",
    "rule rul on s.p",
    "statistics object s.st",
    "trigger args on s.p",
    "trigger tri on s.p",
    "view s.m",
    "view s.v",
  ]);
  const verification = await verifyWith(source, target, rules);
  const places = new Set(verification.findings.map(({ object }) => object));
  expect(places).toEqual(
    new Set(
      [
        "comment",
        "constraint",
        "default",
        "enum label",
        "function",
        "index",
        "partition bound",
        "partition key",
        "policy",
        "publication",
        "rule",
        "statistics",
        "statistics object",
        "trigger",
        "view",
      ].map((kind) => `the catalog (${kind})`),
    ),
  );
});
