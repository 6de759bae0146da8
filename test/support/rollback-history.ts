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
    rules: ["test/not-restored"],
    differences: [
      "column app.people.email has the type `varchar(60)` and had `varchar(80)`",
      "column app.people.mood has no default and had `'fine'::app.mood`",
      "column app.notes.body takes NULL and did not",
      "table app.people lacks `COMMENT ON TABLE app.people IS 'who writes'`",
      "function app.count_notes(bigint) differs (- as it was, + as it is):\n  -AS $function$select count(*) from app.notes where person = $1$function$\n  +AS $function$select 2 * count(*) from app.notes where person = $1$function$",
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
    changes: ["app.notes.made_at has other values than before, in some or all of 10 rows"],
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
    newChanges: ["app.tasks.state has other values than before"],
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
    newChanges: ["app.members.joined had a value in 19 rows and has one in 20"],
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
};
