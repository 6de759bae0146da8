/**
 * A history with every kind of broken rollback, between good ones that look suspicious. What each
 * of them is stands beside it.
 */
import { migration } from "./migration-project.ts";

export interface HistoryEntry {
  readonly text: string;
  readonly verdict: string;
  /** Of the findings of this file. */
  readonly rules: readonly string[];
  /** All that must be said, word by word; nothing unless given. */
  readonly differences?: readonly string[];
  /** "lossless" unless given; null where there is nothing to try. */
  readonly data?: string | null;
  /** What the rows have lost, word by word. */
  readonly changes?: readonly string[];
  /** What rows have lost that were written after it; beginnings, as values are drawn. */
  readonly newChanges?: readonly string[];
  /** What it allows and no row was made to use. */
  readonly notTried?: readonly string[];
  /** The objects that went with what it adds. */
  readonly additions?: readonly string[];
}

const restored = { verdict: "restored", rules: [] } as const;

export const history: Readonly<Record<string, HistoryEntry>> = {
  "001_start.sql": {
    ...restored,
    text: migration(
      `create schema app;
create type app.mood as enum ('fine', 'so-so');
create table app.people (
  id bigint generated always as identity primary key,
  email varchar(80) not null unique,
  "Nick name" text,
  mood app.mood not null default 'fine',
  age int check (age between 0 and 150)
);
create table app.notes (
  id bigint generated always as identity primary key,
  person bigint not null references app.people on delete cascade,
  body text not null default '',
  made_at timestamptz not null default now()
);
create index notes_person_idx on app.notes (person);
create function app.count_notes(bigint) returns bigint language sql stable
  as 'select count(*) from app.notes where person = $1';
comment on table app.people is 'who writes';`,
      "drop schema app cascade;",
    ),
    data: "additions lost",
    additions: ["app.notes", "app.people"],
  },
  "002_error_in_down.sql": {
    text: migration(
      "alter table app.people add column phone text;",
      "alter table app.people drop column fone;",
    ),
    verdict: "rollback fails",
    data: null,
    rules: ["test/down-fails"],
  },
  "003_index_left.sql": {
    text: migration(
      "alter table app.notes add column tag text;\ncreate index people_mood_idx on app.people (mood);",
      "alter table app.notes drop column tag;",
    ),
    verdict: "not restored",
    rules: ["test/not-restored", "test/cannot-reapply"],
    differences: ["index app.people_mood_idx is left over"],
  },
  "004_half_restored.sql": {
    text: migration(
      `alter table app.people alter column mood drop default, alter column email type text;
alter table app.notes alter column body drop not null;
create or replace function app.count_notes(bigint) returns bigint language sql stable
  as 'select 2 * count(*) from app.notes where person = $1';
comment on table app.people is 'everybody';`,
      `alter table app.people alter column email type varchar(60);
comment on table app.people is null;`,
    ),
    verdict: "not restored",
    // The other one is of texts that fitted 80 characters.
    rules: ["test/not-restored", "test/down-fails", "test/down-fails"],
    data: "blocked",
    differences: [
      "column app.people.email has the type `varchar(60)` and had `varchar(80)`",
      "column app.people.mood has no default and had `'fine'::app.mood`",
      "column app.notes.body takes NULL and did not",
      "table app.people lacks `COMMENT ON TABLE app.people IS 'who writes'`",
      "function app.count_notes(bigint) differs (- as it was, + as it is):\n  -AS $function$select count(*) from app.notes where person = $1$function$\n  +AS $function$select 2 * count(*) from app.notes where person = $1$function$",
    ],
    notTried: [
      'app.people.email, app.people."Nick name", app.people.phone with texts that are empty, long, equal, in capitals, or have blanks at both ends or two in a row',
    ],
  },
  "005_column_in_the_middle.sql": {
    text: migration(
      'alter table app.people drop column "Nick name";',
      'alter table app.people add column "Nick name" text;',
    ),
    verdict: "column order",
    differences: [
      'the columns of app.people stand in another order: "Nick name" is number 6 and was number 3',
    ],
    rules: ["test/column-order", "test/values-lost"],
    data: "lossy",
    changes: [`app.people."Nick name" had a value in 9 rows and has one in none`],
  },
  "006_row_left.sql": {
    text: migration(
      "insert into app.people (email, mood) values ('admin@example.com', 'fine');\ncreate table app.settings (name text primary key);",
      "drop table app.settings;",
    ),
    verdict: "cannot be applied again",
    rules: ["test/cannot-reapply", "test/rows-left"],
    changes: ["app.people had 10 rows and has 11"],
  },
  "007_forgotten.sql": {
    text: "-- migrate:up\ncreate view app.moods as select mood, count(*) from app.people group by mood;\n",
    verdict: "no way back",
    data: null,
    rules: ["test/no-way-back"],
  },
  "008_on_purpose.sql": {
    text: "-- irreversible: the value cannot be taken out again\n-- migrate:up\nalter type app.mood add value 'tired';\n",
    verdict: "irreversible",
    data: null,
    rules: [],
  },
  "009_other_the_second_time.sql": {
    text: migration(
      `create table if not exists app.runs (at timestamptz not null);
insert into app.runs values (now());
do $$ begin
  execute format('create index runs_%s_idx on app.runs (at)', (select count(*) from app.notes));
  insert into app.notes (person) select id from app.people;
end $$;`,
      "drop table app.runs;",
    ),
    verdict: "cannot be applied again",
    rules: ["test/reapplied-differs", "test/rows-left"],
    changes: ["app.notes had 10 rows and has 21"],
    data: "additions lost",
    additions: ["app.runs"],
  },
  "010_rows_deleted.sql": {
    ...restored,
    text: migration(
      "delete from app.notes;\nalter table app.notes rename column body to words;",
      "alter table app.notes rename column words to body;",
    ),
    rules: ["test/rows-lost"],
    data: "destructive",
    changes: ["app.notes had 11 rows and has none"],
  },
  "011_values_narrowed.sql": {
    ...restored,
    text: migration(
      "alter table app.notes alter column made_at type date;",
      "alter table app.notes alter column made_at type timestamptz;",
    ),
    rules: ["test/values-lost"],
    data: "lossy",
    changes: ["app.notes.made_at has another value than before in 10 of 10 rows"],
  },
  "012_concurrently.sql": {
    ...restored,
    text: migration(
      "create index concurrently people_age_idx on app.people (age);",
      "drop index concurrently app.people_age_idx;",
    ),
  },
  "013_renamed_and_split.sql": {
    ...restored,
    text: migration(
      `alter table app.notes rename to letters;
alter table app.letters rename constraint notes_person_fkey to letters_person_fkey;
create table app.drafts (like app.letters including all);
create trigger stamp before update on app.letters for each row execute function suppress_redundant_updates_trigger();`,
      `drop trigger stamp on app.letters;
drop table app.drafts;
alter table app.letters rename constraint letters_person_fkey to notes_person_fkey;
alter table app.letters rename to notes;`,
    ),
    data: "additions lost",
    additions: ["app.drafts"],
  },
  "014_tasks.sql": {
    ...restored,
    text: migration(
      `create type app.state as enum ('open', 'done');
create table app.tasks (id bigint primary key, state app.state not null, owner text not null);`,
      "drop table app.tasks;\ndrop type app.state;",
    ),
    data: "additions lost",
    additions: ["app.tasks"],
  },
  "015_value_mapped.sql": {
    ...restored,
    text: migration(
      "alter type app.state add value 'waiting';",
      `alter table app.tasks alter column state type text;
update app.tasks set state = 'open' where state = 'waiting';
drop type app.state;
create type app.state as enum ('open', 'done');
alter table app.tasks alter column state type app.state using state::app.state;`,
    ),
    rules: ["test/values-lost"],
    data: "lossy",
    newChanges: ["app.tasks.state has another value than before in "],
  },
  "016_value_in_the_way.sql": {
    ...restored,
    text: migration(
      "alter type app.state add value 'late';",
      `alter table app.tasks alter column state type text;
drop type app.state;
create type app.state as enum ('open', 'done', 'waiting');
alter table app.tasks alter column state type app.state using state::app.state;`,
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "017_null_allowed.sql": {
    ...restored,
    text: migration(
      "alter table app.tasks alter column owner drop not null;",
      "alter table app.tasks alter column owner set not null;",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "018_column_beside_a_rename.sql": {
    ...restored,
    text: migration(
      "alter table app.tasks rename column owner to keeper;\nalter table app.tasks add column due date;",
      "alter table app.tasks drop column due;\nalter table app.tasks rename column keeper to owner;",
    ),
    data: "additions lost",
    additions: ["app.tasks.due"],
  },
  "019_new_rows_deleted.sql": {
    ...restored,
    text: migration(
      "alter table app.tasks alter column id add generated by default as identity;",
      `alter table app.tasks alter column id drop identity;
delete from app.tasks where id not in (select id from app.tasks order by id limit 10);`,
    ),
    rules: ["test/rows-lost"],
    data: "destructive",
    newChanges: ["app.tasks had 20 rows and has 10"],
  },
  "020_there_and_back.sql": {
    ...restored,
    // Rows from before are changed back, rows from after stay as they were written.
    text: migration(
      "update app.tasks set keeper = 'of ' || keeper where keeper not like 'of %';",
      "update app.tasks set keeper = substr(keeper, 4) where keeper like 'of %';",
    ),
  },
  "021_members.sql": {
    ...restored,
    text: migration(
      `create table app.members (
  id bigint generated always as identity primary key,
  person bigint not null references app.people,
  handle text not null unique,
  level text not null default 'new',
  joined timestamptz not null default now()
);`,
      "drop table app.members;",
    ),
    data: "additions lost",
    additions: ["app.members"],
  },
  "022_null_allowed_in_a_key.sql": {
    ...restored,
    text: migration(
      "alter table app.members alter column handle drop not null;",
      "alter table app.members alter column handle set not null;",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "023_null_allowed_beside_a_default.sql": {
    ...restored,
    text: migration(
      "alter table app.members alter column level drop not null;",
      "alter table app.members alter column level set not null;",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "024_null_allowed_in_a_reference.sql": {
    ...restored,
    text: migration(
      "alter table app.members alter column person drop not null;",
      "alter table app.members alter column person set not null;",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "025_null_allowed_and_mended.sql": {
    ...restored,
    text: migration(
      "alter table app.members alter column joined drop not null;",
      "update app.members set joined = now() where joined is null;\nalter table app.members alter column joined set not null;",
    ),
    // That there was no value is gone.
    rules: ["test/values-lost"],
    data: "lossy",
    newChanges: [
      "app.members.joined had a value in 19 rows and has one in 20; it is other than before in 1 of 20 rows",
    ],
  },
  "026_plans.sql": {
    ...restored,
    text: migration(
      `create table app.plans (code text primary key, name text not null, constraint named check (name <> ''));
insert into app.plans values ('free', 'Free of charge');
create table app.manner (id int primary key check (id = 1), motto text not null);
insert into app.manner values (1, 'slowly');`,
      "drop table app.manner;\ndrop table app.plans;",
    ),
    data: "additions lost",
    additions: ["app.plans"],
  },
  "027_plans_deleted.sql": {
    ...restored,
    text: migration(
      "alter table app.plans add rank int not null default 0;",
      "alter table app.plans drop rank;\ndelete from app.plans where code <> 'free';",
    ),
    rules: ["test/rows-lost"],
    data: "destructive",
    changes: ["app.plans had 11 rows and has 1"],
  },
  "028_widths.sql": {
    ...restored,
    text: migration(
      `create table app.widths (
  id int generated always as identity primary key,
  small smallint not null,
  price numeric(6,2) not null,
  rate numeric(5,2) not null,
  code varchar(8) not null,
  title varchar(10)
);
create table app.wide_notes (width int not null references app.widths, note text);`,
      "drop table app.wide_notes;\ndrop table app.widths;",
    ),
    data: "additions lost",
    additions: ["app.wide_notes", "app.widths"],
  },
  "029_bigint_in_a_key.sql": {
    ...restored,
    text: migration(
      "alter table app.widths alter column id type bigint;\nalter table app.wide_notes alter column width type bigint;",
      "alter table app.wide_notes alter column width type int;\nalter table app.widths alter column id type int;",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "030_int_from_smallint.sql": {
    ...restored,
    text: migration(
      "alter table app.widths alter column small type int;",
      "alter table app.widths alter column small type smallint;",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "031_more_digits.sql": {
    ...restored,
    text: migration(
      "alter table app.widths alter column price type numeric(9,2);",
      "alter table app.widths alter column price type numeric(6,2);",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "032_more_decimals.sql": {
    ...restored,
    text: migration(
      "alter table app.widths alter column rate type numeric(7,4);",
      "alter table app.widths alter column rate type numeric(5,2);",
    ),
    rules: ["test/values-lost"],
    data: "lossy",
    newChanges: ["app.widths.rate has another value than before in "],
  },
  "033_longer_and_cut.sql": {
    ...restored,
    text: migration(
      "alter table app.widths alter column code type varchar(12);",
      "alter table app.widths alter column code type varchar(8) using left(code, 8);",
    ),
    rules: ["test/values-lost"],
    data: "lossy",
    newChanges: ["app.widths.code has another value than before in "],
  },
  "034_text_and_back.sql": {
    ...restored,
    text: migration(
      "alter table app.widths alter column title type text;",
      "alter table app.widths alter column title type varchar(10);",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "035_narrower_is_no_news.sql": {
    ...restored,
    text: migration(
      "alter table app.widths alter column code type varchar(7) using left(code, 7);",
      "alter table app.widths alter column code type varchar(12);",
    ),
    rules: ["test/values-lost"],
    data: "lossy",
    changes: ["app.widths.code has another value than before in 9 of 10 rows"],
  },
  "036_keys.sql": {
    ...restored,
    text: migration(
      `create table app.keys (
  id bigint generated always as identity primary key,
  code text not null,
  place int not null,
  constraint keys_code_key unique (code)
);
create unique index keys_place_idx on app.keys (place) where place > 0;
create table app.marks (code int not null, constraint marks_pkey primary key (code));`,
      "drop table app.marks;\ndrop table app.keys;",
    ),
    data: "additions lost",
    additions: ["app.keys", "app.marks"],
  },
  "037_unique_dropped.sql": {
    ...restored,
    text: migration(
      "alter table app.keys drop constraint keys_code_key;",
      "alter table app.keys add constraint keys_code_key unique (code);",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "038_duplicates_deleted.sql": {
    ...restored,
    text: migration(
      "drop index app.keys_place_idx;",
      `delete from app.keys k using app.keys o where k.place = o.place and k.id > o.id;
create unique index keys_place_idx on app.keys (place) where place > 0;`,
    ),
    rules: ["test/rows-lost"],
    data: "destructive",
    newChanges: ["app.keys had 20 rows and has 19"],
  },
  "039_primary_key_dropped.sql": {
    ...restored,
    text: migration(
      "alter table app.marks drop constraint marks_pkey;",
      "alter table app.marks add constraint marks_pkey primary key (code);",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "040_primary_key_of_identities_dropped.sql": {
    ...restored,
    text: migration(
      "alter table app.keys drop constraint keys_pkey;",
      "alter table app.keys add constraint keys_pkey primary key (id);",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "041_unique_as_an_index.sql": {
    ...restored,
    text: migration(
      `create unique index members_handle_idx on app.members (handle);
alter table app.members drop constraint members_handle_key;`,
      `alter table app.members add constraint members_handle_key unique (handle);
drop index app.members_handle_idx;`,
    ),
  },
  "042_checks.sql": {
    ...restored,
    text: migration(
      `create table app.rules (
  age int constraint aged check (age between 0 and 150),
  kind text not null constraint kinds check (kind in ('a', 'b')),
  since date not null,
  until date not null,
  data jsonb not null,
  constraint ordered check (until >= since),
  constraint shaped check (jsonb_typeof(data) in ('object', 'array', 'string', 'number', 'boolean', 'null'))
);`,
      "drop table app.rules;",
    ),
    data: "additions lost",
    additions: ["app.rules"],
  },
  "043_check_dropped.sql": {
    ...restored,
    text: migration(
      "alter table app.rules drop constraint kinds;",
      "alter table app.rules add constraint kinds check (kind in ('a', 'b'));",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "044_check_widened.sql": {
    ...restored,
    text: migration(
      "alter table app.rules drop constraint aged, add constraint aged check (age between 0 and 200);",
      `update app.rules set age = 150 where age > 150;
alter table app.rules drop constraint aged, add constraint aged check (age between 0 and 150);`,
    ),
    rules: ["test/values-lost"],
    data: "lossy",
    newChanges: ["app.rules.age has another value than before in "],
  },
  "045_check_of_two_columns.sql": {
    ...restored,
    text: migration(
      "alter table app.rules drop constraint ordered;",
      "alter table app.rules add constraint ordered check (until >= since);",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "046_check_not_met.sql": {
    ...restored,
    text: migration(
      "alter table app.rules drop constraint shaped;",
      "alter table app.rules add constraint shaped check (jsonb_typeof(data) in ('object', 'array', 'string', 'number', 'boolean', 'null'));",
    ),
    notTried: ["a row of app.rules that CHECK shaped refused"],
  },
  "047_wider_under_a_check.sql": {
    ...restored,
    text: migration(
      "alter table app.rules alter column age type bigint;",
      "alter table app.rules alter column age type int;",
    ),
    notTried: ["a value of app.rules.age that is too large for integer"],
  },
  "048_events.sql": {
    ...restored,
    text: migration(
      `create table app.events (id bigint generated always as identity, at date not null, primary key (id, at)) partition by range (at);
create table app.events_2020 partition of app.events for values from ('2020-01-01') to ('2021-01-01');
create table app.lots (kind text not null, size int not null) partition by list (kind);
create table app.lots_a partition of app.lots for values in ('a');`,
      "drop table app.lots;\ndrop table app.events;",
    ),
    data: "additions lost",
    additions: ["app.events", "app.lots"],
  },
  "049_partition.sql": {
    ...restored,
    text: migration(
      "create table app.events_1999 partition of app.events for values from ('1999-01-01') to ('1999-02-01');",
      "drop table app.events_1999;",
    ),
    data: "additions lost",
    additions: ["app.events"],
  },
  "050_partition_by_list.sql": {
    ...restored,
    text: migration(
      `create table app.lots_bc partition of app.lots for values in ('b', 'c') partition by range (size);
create table app.lots_bc_small partition of app.lots_bc for values from (minvalue) to (10);`,
      "drop table app.lots_bc;",
    ),
    data: "additions lost",
    additions: ["app.lots"],
  },
  "051_partition_and_more.sql": {
    ...restored,
    text: migration(
      "create table app.events_1998 partition of app.events for values from ('1998-01-01') to ('1998-02-01');",
      "drop table app.events_1998;\ndelete from app.events where id > (select min(id) + 15 from app.events);",
    ),
    rules: ["test/rows-lost"],
    data: "destructive",
    newChanges: ["app.events had 20 rows and has "],
  },
  "052_reference_dropped.sql": {
    ...restored,
    text: migration(
      "alter table app.wide_notes drop constraint wide_notes_width_fkey;",
      "alter table app.wide_notes add constraint wide_notes_width_fkey foreign key (width) references app.widths;",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "053_reference_that_serves_as_well.sql": {
    ...restored,
    text: migration(
      "alter table app.members drop constraint members_person_fkey, add constraint people_fkey foreign key (person) references app.people;",
      "alter table app.members drop constraint people_fkey, add constraint members_person_fkey foreign key (person) references app.people;",
    ),
  },
  "054_rooms.sql": {
    ...restored,
    text: migration(
      "create table app.rooms (during int4range not null, constraint free exclude using gist (during with &&));",
      "drop table app.rooms;",
    ),
    data: "additions lost",
    additions: ["app.rooms"],
  },
  "055_exclusion_dropped.sql": {
    ...restored,
    text: migration(
      "alter table app.rooms drop constraint free;",
      "alter table app.rooms add constraint free exclude using gist (during with &&);",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "056_domain.sql": {
    ...restored,
    text: migration(
      `create domain app.sort as text constraint sorts check (value in ('x', 'y'));
create table app.sorts (sort text not null, sorted app.sort not null, constraint sort check (sort in ('x', 'y')));`,
      "drop table app.sorts;\ndrop domain app.sort;",
    ),
    data: "additions lost",
    additions: ["app.sorts"],
  },
  "057_check_moves_into_a_domain.sql": {
    ...restored,
    text: migration(
      "alter table app.sorts drop constraint sort;\nalter table app.sorts alter column sort type app.sort;",
      "alter table app.sorts alter column sort type text;\nalter table app.sorts add constraint sort check (sort in ('x', 'y'));",
    ),
  },
  "058_check_of_a_domain_dropped.sql": {
    ...restored,
    text: migration(
      "alter domain app.sort drop constraint sorts;",
      "alter domain app.sort add constraint sorts check (value in ('x', 'y'));",
    ),
    rules: ["test/down-fails"],
    data: "blocked",
  },
  "059_summaries.sql": {
    ...restored,
    text: migration(
      `create materialized view app.sums as select count(*) as n from app.sorts;
create materialized view app.unread as select count(*) as n from app.sorts with no data;`,
      "drop materialized view app.sums, app.unread;",
    ),
  },
  "060_comes_back_unreadable.sql": {
    text: migration(
      "drop materialized view app.sums;",
      "create materialized view app.sums as select count(*) as n from app.sorts with no data;",
    ),
    verdict: "not restored",
    rules: ["test/not-restored"],
    differences: [
      "materialized view app.sums differs (- as it was, + as it is):\n  +  WITH NO DATA",
    ],
  },
  "061_is_readable_now.sql": {
    ...restored,
    text: migration("refresh materialized view app.unread;", "select 1;"),
  },
  "062_collation.sql": {
    ...restored,
    text: migration(
      `create collation app.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create table app.names (name text collate app.ci not null);`,
      "drop table app.names;\ndrop collation app.ci;",
    ),
    data: "additions lost",
    additions: ["app.names"],
  },
  "063_capitals_lost.sql": {
    ...restored,
    text: migration(
      "alter table app.names add length int;",
      `alter table app.names drop length;
update app.names set name = case when name collate "C" = lower(name) collate "C" then upper(name) else lower(name) end;`,
    ),
    rules: ["test/values-lost"],
    data: "lossy",
    changes: ["app.names.name has another value than before in at least 10 of 10 rows"],
    additions: ["app.names.length"],
  },
};
