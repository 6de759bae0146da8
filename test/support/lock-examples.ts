/** One statement for each line of the table of facts, for measuring what it says. */
import type { FactName } from "../../src/locks/facts.ts";

export interface LockExample {
  readonly sql: string;
  /** What is there before it; `base` is always. */
  readonly setup?: string;
  /** The table it is about: `t`. */
  readonly table?: string;
  /** The table that is locked with it: `parent`. */
  readonly other?: string;
}

/** Tables with rows: `t` refers to nothing, `child` to `parent`, `p` is partitioned, `v` a view, `m` a materialized one. */
export const base = `
create table parent (id int primary key, note text);
insert into parent select i, 'x' from generate_series(1, 500) i;
create table t (id int not null, a int, b varchar(20), n numeric(10, 2), at timestamp, parent_id int);
insert into t select i, i, 'x', 1, now(), i from generate_series(1, 500) i;
create domain positive as int check (value > 0);
create function touch() returns trigger language plpgsql as 'begin return new; end';
create view v as select note from parent;
create materialized view m as select id, note from parent;
create unique index m_id on m (id);
create table p (id int not null, at date) partition by range (id);
create table p1 partition of p for values from (0) to (1000);
insert into p select i, now() from generate_series(1, 500) i;
create table p2 (id int not null, at date);
insert into p2 select i, now() from generate_series(1000, 1500) i;
`;

const child = `
create table child (id int, parent_id int, constraint child_parent foreign key (parent_id) references parent);
insert into child select i, i from generate_series(1, 500) i;`;
const rest =
  "create table rest partition of p default; insert into p select i, now() from generate_series(5000, 5100) i";
const index = "create index t_a on t (a); create unique index t_id on t (id);";
// A domain over the domain counts as well.
const ofDomain =
  "create domain price as positive; create table priced (a price); insert into priced select i from generate_series(1, 500) i";

export const lockExamples: Readonly<Record<FactName, LockExample>> = {
  "add-column": { sql: "alter table t add column c int" },
  "add-column-default": { sql: "alter table t add column c timestamptz not null default now()" },
  "add-column-volatile": { sql: "alter table t add column c float default random()" },
  "add-column-numbered": { sql: "alter table t add column c serial" },
  "add-column-stored": { sql: "alter table t add column c int generated always as (a + 1) stored" },
  "add-column-virtual": {
    sql: "alter table t add column c int generated always as (a + 1) virtual",
  },
  "add-column-virtual-required": {
    sql: "alter table t add column c int generated always as (a + 1) virtual not null",
  },
  "add-column-domain": { sql: "alter table t add column c positive default 1" },
  "add-column-check": { sql: "alter table t add column c int default 1 check (c > 0)" },
  "add-column-unique": { sql: "alter table t add column c int unique" },
  "add-column-reference": {
    sql: "alter table t add column c int references parent",
    other: "parent",
  },
  "add-column-required": {
    sql: "alter table empty add column c int not null",
    setup: "create table empty (id int)",
    table: "empty",
  },
  "drop-column": { sql: "alter table t drop column a" },
  "set-default": { sql: "alter table t alter column a set default 5" },
  "set-not-null": { sql: "alter table t alter column a set not null" },
  "set-not-null-proven": {
    sql: "alter table t alter column a set not null",
    setup: "alter table t add constraint a_there check (a is not null)",
  },
  "drop-not-null": { sql: "alter table t alter column id drop not null" },
  "alter-type-rewrite": { sql: "alter table t alter column a type bigint" },
  "alter-type-binary": { sql: "alter table t alter column b type text" },
  "alter-type-checked": {
    sql: "alter table t alter column b type varchar(40)",
    setup: "alter table t add constraint b_long check (b <> '')",
  },
  "alter-type-index": {
    sql: "alter table t alter column b type text",
    setup: "create index t_lower on t (lower(b))",
  },
  "add-identity": { sql: "alter table t alter column id add generated always as identity" },
  "drop-identity": {
    sql: "alter table t alter column id drop identity",
    setup: "alter table t alter column id add generated always as identity",
  },
  "drop-expression": {
    sql: "alter table t alter column c drop expression",
    setup: "alter table t add column c int generated always as (a + 1) stored",
  },
  "set-expression": {
    sql: "alter table t alter column c set expression as (a + 2)",
    setup: "alter table t add column c int generated always as (a + 1) stored",
  },
  "set-statistics": { sql: "alter table t alter column a set statistics 500" },
  "set-storage": { sql: "alter table t alter column b set storage external" },
  "set-compression": { sql: "alter table t alter column b set compression pglz" },
  "add-check": { sql: "alter table t add constraint c check (a > 0)" },
  "add-check-not-valid": { sql: "alter table t add constraint c check (a > 0) not valid" },
  "validate-check": {
    sql: "alter table t validate constraint c",
    setup: "alter table t add constraint c check (a > 0) not valid",
  },
  "add-not-null-not-valid": { sql: "alter table t add constraint c not null a not valid" },
  "validate-not-null": {
    sql: "alter table t validate constraint c",
    setup: "alter table t add constraint c not null a not valid",
  },
  "add-foreign-key": {
    sql: "alter table t add constraint c foreign key (parent_id) references parent",
    other: "parent",
  },
  "add-foreign-key-not-valid": {
    sql: "alter table t add constraint c foreign key (parent_id) references parent not valid",
    other: "parent",
  },
  "validate-foreign-key": {
    sql: "alter table t validate constraint c",
    setup: "alter table t add constraint c foreign key (parent_id) references parent not valid",
    other: "parent",
  },
  "add-unique": { sql: "alter table t add constraint c unique (a)" },
  "add-primary-key": { sql: "alter table t add primary key (id)" },
  "add-key-only": { sql: "alter table only p add constraint c unique (id)", table: "p" },
  "add-unique-using-index": {
    sql: "alter table t add constraint c unique using index t_id",
    setup: index,
  },
  "add-primary-key-using-index": {
    sql: "alter table t add constraint c primary key using index t_id",
    setup: index,
  },
  "add-primary-key-nullable": {
    sql: "alter table t add constraint c primary key using index t_key",
    setup: "create unique index t_key on t (a)",
  },
  "add-exclusion": { sql: "alter table t add constraint c exclude using btree (a with =)" },
  "alter-domain": {
    sql: "alter domain positive add check (value < 1000)",
    setup: ofDomain,
    table: "priced",
  },
  "validate-domain": {
    sql: "alter domain positive validate constraint small",
    setup: `${ofDomain}; alter domain positive add constraint small check (value < 1000) not valid`,
    table: "priced",
  },
  "drop-constraint": {
    sql: "alter table t drop constraint c",
    setup: "alter table t add constraint c check (a > 0)",
  },
  "drop-foreign-key": {
    sql: "alter table child drop constraint child_parent",
    setup: child,
    table: "child",
    other: "parent",
  },
  "alter-constraint": {
    sql: "alter table child alter constraint child_parent deferrable",
    setup: child,
    table: "child",
  },
  rename: { sql: "alter table t rename column a to z" },
  "set-schema": { sql: "alter table t set schema elsewhere", setup: "create schema elsewhere" },
  owner: { sql: "alter table t owner to current_user" },
  "set-tablespace": { sql: "alter table t set tablespace {tablespace}" },
  "set-logged": { sql: "alter table t set unlogged" },
  "set-access-method": {
    sql: "alter table t set access method heap2",
    setup: "create access method heap2 type table handler heap_tableam_handler",
  },
  "set-options": { sql: "alter table t set (fillfactor = 80)" },
  "cluster-on": { sql: "alter table t cluster on t_a", setup: index },
  "enable-trigger": {
    sql: "alter table t disable trigger tr",
    setup: "create trigger tr before insert on t for each row execute function touch()",
  },
  "enable-rule": {
    sql: "alter table t disable rule r",
    setup: "create rule r as on delete to t do nothing",
  },
  "row-security": { sql: "alter table t enable row level security" },
  "replica-identity": { sql: "alter table t replica identity full" },
  inherit: {
    sql: "alter table young inherit t",
    setup: "create table young (like t including all)",
    table: "young",
    other: "t",
  },
  "no-inherit": {
    sql: "alter table young no inherit t",
    setup: "create table young () inherits (t)",
    table: "young",
    other: "t",
  },
  "attach-partition": {
    sql: "alter table p attach partition p2 for values from (1000) to (2000)",
    table: "p",
    other: "p2",
  },
  "attach-partition-proven": {
    sql: "alter table p attach partition p2 for values from (1000) to (2000)",
    setup: "alter table p2 add constraint b check (id >= 1000 and id < 2000)",
    table: "p",
    other: "p2",
  },
  "attach-beside-default": {
    sql: "alter table p attach partition p2 for values from (1000) to (2000)",
    setup: rest,
    table: "p",
    other: "rest",
  },
  "attach-beside-default-proven": {
    sql: "alter table p attach partition p2 for values from (1000) to (2000)",
    setup: `${rest}; alter table rest add constraint c check (id is not null and id >= 5000)`,
    table: "p",
    other: "rest",
  },
  "attach-partition-reference": {
    sql: "alter table p attach partition p2 for values from (1000) to (2000)",
    setup: `insert into parent select i, 'x' from generate_series(1000, 1500) i;
      alter table p add foreign key (id) references parent`,
    table: "p",
    other: "parent",
  },
  "attach-empty-reference": {
    sql: "alter table p attach partition p2 for values from (1000) to (2000)",
    setup:
      "drop table p2; create table p2 (id int not null, at date); alter table p add foreign key (id) references parent",
    table: "p",
    other: "parent",
  },
  "detach-partition": { sql: "alter table p detach partition p1", table: "p", other: "p1" },
  "detach-partition-concurrently": {
    sql: "alter table p detach partition p1 concurrently",
    table: "p",
    other: "p1",
  },
  "create-index": { sql: "create index on t (a)" },
  "create-index-only": { sql: "create index on only p (at)", table: "p" },
  "create-index-concurrently": { sql: "create index concurrently made on t (a)" },
  "drop-index": { sql: "drop index t_a", setup: index },
  "drop-index-concurrently": { sql: "drop index concurrently t_a", setup: index },
  reindex: { sql: "reindex table t", setup: index },
  "reindex-concurrently": { sql: "reindex table concurrently t", setup: index },
  "alter-index": { sql: "alter index t_a rename to t_b", setup: index, table: "t_a" },
  "move-index": {
    sql: "alter index t_a set tablespace {tablespace}",
    setup: index,
    table: "t_a",
  },
  "create-statistics": { sql: "create statistics st on id, a from t" },
  "create-trigger": {
    sql: "create trigger tr before insert on t for each row execute function touch()",
  },
  "drop-trigger": {
    sql: "drop trigger tr on t",
    setup: "create trigger tr before insert on t for each row execute function touch()",
  },
  "create-rule": { sql: "create rule r as on delete to t do nothing" },
  "drop-rule": { sql: "drop rule r on t", setup: "create rule r as on delete to t do nothing" },
  "create-policy": { sql: "create policy own on t using (id = 1)" },
  "comment-on": { sql: "comment on table t is 'rows'" },
  "create-table": { sql: "create table fresh (id int)", table: "fresh" },
  "create-table-reference": {
    sql: "create table fresh (id int references parent)",
    table: "fresh",
    other: "parent",
  },
  "create-partition": {
    sql: "create table p3 partition of p for values from (3000) to (4000)",
    table: "p3",
    other: "p",
  },
  "create-beside-default": {
    sql: "create table p3 partition of p for values from (3000) to (4000)",
    setup: rest,
    table: "p3",
    other: "rest",
  },
  "create-beside-default-proven": {
    sql: "create table p3 partition of p for values from (3000) to (4000)",
    setup: `${rest}; alter table rest add constraint c check (id is not null and id >= 5000)`,
    table: "p3",
    other: "rest",
  },
  "drop-table": { sql: "drop table t" },
  truncate: { sql: "truncate t" },
  "lock-table": { sql: "lock table t" },
  "replace-view": {
    sql: "create or replace view v as select note from parent where id > 0",
    table: "v",
  },
  "drop-view": { sql: "drop view v", table: "v" },
  "refresh-view": { sql: "refresh materialized view m", table: "m" },
  "refresh-view-concurrently": { sql: "refresh materialized view concurrently m", table: "m" },
  "vacuum-full": { sql: "vacuum full t" },
  cluster: { sql: "cluster t using t_a", setup: index },
  vacuum: { sql: "vacuum t" },
  analyze: { sql: "analyze t" },
  write: { sql: "insert into t values (0)" },
  read: { sql: "select 1 from t where false" },
};
