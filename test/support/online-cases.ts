/** Tables that are in use, and statements on them which `migrate --online` has a safe form for or not. */

/** What is there before; every statement below succeeds on it. */
export const inUse = `
create schema "Odd";
create table people (id int, boss int, email text, age int, note text, span int4range);
insert into people select n, n, 'p' || n, n, 'note', int4range(n, n + 1) from generate_series(1, 200) n;
create index people_age on people (age);
create index people_note on people (note);
create table teams (id int primary key, name text not null, lead int);
insert into teams select n, 't' || n, n from generate_series(1, 200) n;
alter table teams add constraint teams_not_overlapping exclude (id with =);
create table "Odd"."Ta ble" ("Co l" int, "select" text, "a_name_that_is_so_long_that_postgresql_must_cut_it_somewhere" int);
insert into "Odd"."Ta ble" select n, 's' || n, n from generate_series(1, 50) n;
create sequence people_boss_key;
create domain one_two_check as int constraint people_age_check check (value > 0);
create table parent (id int, kind int);
create table child (extra int) inherits (parent);
insert into parent values (1, 1);
insert into child values (2, 2, 2);
create table parts (id int, k int, note text, boss int) partition by range (id);
create table parts_1 partition of parts for values from (0) to (100);
create table parts_2 partition of parts for values from (100) to (200) partition by range (k);
create table parts_2a partition of parts_2 for values from (0) to (1000);
create table "Odd".parts_3 partition of parts for values from (200) to (300);
create index parts_3_own on "Odd".parts_3 (boss);
insert into parts select n, n, 'n', 1 from generate_series(1, 250) n;
create type pair as (one int, two int);
create table pairs (id int, both_of pair, maybe pair, "ключ" int);
insert into pairs select n, row(n, null::int)::pair, row(n, null::int)::pair, n from generate_series(1, 20) n;
create table heirs (id int, kind int);
create table heirs_1 () inherits (heirs);
insert into heirs_1 values (1, 1);
create materialized view seen as select id, age from people;
create index parts_k on parts (k);
`;

export interface OnlineCase {
  readonly sql: string;
  /** For each statement of it with a safe form, or with a reason against one: does it run in another form? */
  readonly rewritten: readonly boolean[];
  /** Of the reasons, in their order. */
  readonly why?: readonly RegExp[];
  /** First version whose grammar or server knows it. */
  readonly since?: number;
  /** The last one. */
  readonly until?: number;
}

const yes = (sql: string, count = 1): OnlineCase => ({
  sql,
  rewritten: Array.from({ length: count }, () => true),
});
const no = (sql: string, ...why: RegExp[]): OnlineCase => ({
  sql,
  rewritten: why.map(() => false),
  why,
});

/** Safe from PostgreSQL 18 on. */
const either = (sql: string, why: RegExp): OnlineCase[] => [
  { ...yes(sql), since: 18 },
  { ...no(sql, why), until: 17 },
];

/** In this order, each in a file of its own. */
export const onlineCases: readonly OnlineCase[] = [
  // indexes
  yes("create index people_email on people (email);"),
  yes("CREATE INDEX ON people (email, lower(note)) INCLUDE (age) WHERE age > 3;"),
  yes("create index on people (email);\ncreate index on people (email);", 2),
  yes("create index on people ((age + boss), (note::varchar), coalesce(note, email), (age + 1));"),
  yes(
    "create unique index if not exists people_uq on only public.people using btree (id desc nulls last) with (fillfactor = 70);",
  ),
  no("create index if not exists people_uq on people (id);"),
  yes(
    'create index on "Odd"."Ta ble" ("Co l", "a_name_that_is_so_long_that_postgresql_must_cut_it_somewhere");',
  ),
  yes("create index on seen (age);"),
  yes("create index on people /* ; */ using hash (note);"),
  no("create index on people (array_length(array[age], 1), (array[age]));", /name that PostgreSQL/),
  yes("create index on parts (note, id);"),
  yes("create unique index parts_key on parts (id, k) include (note);"),
  yes("create index on public . parts (lower(note));"),
  no("create index parts_boss on parts (boss);", /parts_3 has an index of the same columns/),
  no("create index parts_only on only parts (note);"),
  yes("drop index people_note;"),
  yes("drop index if exists people_age, people_email, not_there;"),
  no("drop index parts_k;", /partitioned; its lock is brief/),
  yes("reindex table people;"),
  yes("reindex (verbose) index people_uq;"),
  no("reindex table teams;", /teams_not_overlapping/),
  // constraints
  yes(
    "alter table people add constraint people_boss foreign key (boss) references teams (id) on delete cascade deferrable initially deferred;",
  ),
  yes(
    "alter table only people add foreign key (boss, age) references parts (id, k) not valid, add check (age > 0), add check (age < boss + 1);",
  ),
  yes(
    "alter table people add check (true), add check (people.age > 0) no inherit, add constraint named check (age < 1000);",
  ),
  yes(
    "alter table if exists people add unique (boss), add constraint own_name unique (email) include (note) with (fillfactor = 80, deduplicate_items = off) deferrable initially deferred;",
  ),
  yes("alter table people add unique nulls not distinct (boss, age);"),
  yes("alter table people add primary key (id, boss);"),
  yes(
    'alter table "Odd"."Ta ble" add primary key ("Co l"), add unique ("a_name_that_is_so_long_that_postgresql_must_cut_it_somewhere", "select"), add check ("a_name_that_is_so_long_that_postgresql_must_cut_it_somewhere" > 0);',
  ),
  no("alter table people add exclude using gist (span with &&);", /no form of it/),
  no("alter table people add check (people is not null);", /more than columns/),
  yes("alter table parent add check (id > 0);"),
  yes("alter table parts add constraint parts_positive check (id > 0);"),
  no("alter table parts add unique (id, k);", /no USING INDEX for a partitioned table/),
  ...either(
    "alter table people add constraint to_parts foreign key (boss, age) references parts (id, k);",
    /marked as not valid for the partitions/,
  ),
  ...either(
    "alter table parts add foreign key (boss) references teams on update cascade;",
    /has no NOT VALID in PostgreSQL/,
  ),
  yes(
    "alter table teams add foreign key (lead) references teams;\nalter table teams add foreign key (lead) references teams;",
    2,
  ),
  // not null
  yes(
    "alter table people alter column age set not null, alter note set not null, alter column note set default 'x';",
  ),
  no("alter table people alter column age set not null;"),
  yes("alter table parent alter kind set not null;"),
  yes("alter table parts alter column k set not null;"),
  yes('alter table only "Odd"."Ta ble" alter "select" set not null;'),
  { ...yes("alter table teams add constraint lead_there not null lead;"), since: 18 },
  no("alter table pairs alter maybe set not null;", /composite/),
  no(
    "alter table pairs add primary key (both_of);\nalter table pairs drop constraint pairs_pkey;",
    /composite/,
  ),
  yes(
    'alter table pairs add primary key (id, "ключ");\ncreate index on pairs ("ключ", id);\ncreate index on U&"p\\0061irs" (id);',
    3,
  ),
  yes("alter table heirs add primary key (id);"),
  yes("alter table only heirs alter kind set not null;"),
  // new columns
  no("alter table people add column if not exists age int check (age > 5);"),
  yes("alter table people add column if not exists not_there int check (not_there > 5);"),
  no(
    "alter table people add column plain int, add column given text default 'x' not null, add ref int references teams;",
  ),
  yes(
    "alter table people add column positive int default 3 constraint over_two check (positive > 2) not null check (positive < 9);",
  ),
  yes(
    'alter table people add code text collate "C" unique deferrable initially deferred, add lead int default 1 references teams on delete set null deferrable, add other int;',
  ),
  no("alter table people add column rolled float8 default random();", /written anew/),
  no(
    "alter table people add column twice int generated always as (age * 2) stored check (twice > 0);",
    /written anew/,
  ),
  no("alter table people alter column other type bigint;", /written anew/),
  // what holds to the end of a transaction
  yes(
    'set local lock_timeout = \'3s\';\nset local search_path = "Odd", public;\ncreate index on "Ta ble" ("select");\ncreate table made (id int);',
  ),
  no("lock table teams in share mode;\ncreate index on teams (name);", /lock table teams/),
  no("create temp table scratch (id int);\ncreate index on teams (name);", /create temp table/),
  // what is new needs none of it
  no(
    "create table brand_new (id int, boss int);\ncreate index on brand_new (id);\nalter table brand_new add primary key (id), alter boss set not null, add check (boss > 0);\ndrop index brand_new_id_idx;",
  ),
  yes(
    "create table also_new (id int primary key);\nalter table people add column also int default 1;\ninsert into also_new values (1);\nalter table people add foreign key (also) references also_new;\nalter table people alter column also drop default;",
  ),
  // names as they are by then
  yes(
    "alter table people rename to persons;\nalter table persons rename column email to mail;\ncreate index on persons (mail);\nalter table persons add check (mail <> '');",
    2,
  ),
  yes(
    "alter table teams drop constraint teams_lead_fkey;\nalter table teams add foreign key (lead) references teams not valid;\nalter table teams validate constraint teams_lead_fkey;",
  ),
];
