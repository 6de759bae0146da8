/** What the text of a DO block says that it takes. */
import { beforeAll, expect, test } from "vitest";
import { loadParser, parseScript } from "../../../src/db/script.ts";
import { deedsOf } from "../../../src/migrate/code-words.ts";

beforeAll(loadParser);

const deeds = (script: string) =>
  parseScript(script).flatMap((statement) =>
    deedsOf(statement).map(({ words, line }) => `${line} ${words}`),
  );
const inBlock = (code: string) => deeds(`do $$ begin\n${code}\nend $$;`);

test.each([
  ["delete from t;", "DELETE"],
  ["DELETE /* all */ FROM only t;", "DELETE"],
  ["update t set a = 1;", "UPDATE"],
  ["insert into t values (1) on conflict (id) do update set a = 1;", "UPDATE"],
  ["with gone as (update t set a = 1 returning a) insert into u select a from gone;", "UPDATE"],
  ["merge into t using u on true when matched then delete;", "MERGE"],
  ["truncate t, u;", "TRUNCATE"],
  ["truncate table t;", "TRUNCATE"],
  ["drop table if exists t;", "DROP TABLE"],
  ["drop foreign table t;", "DROP TABLE"],
  ["drop schema s cascade;", "DROP SCHEMA"],
  ["drop extension e cascade;", "DROP EXTENSION"],
  ["drop owned by someone;", "DROP OWNED"],
  ["alter table t drop column a;", "DROP COLUMN"],
  ["alter table t drop if exists a;", "DROP"],
  ["alter table t drop a, add b int;", "DROP"],
  ["execute 'delete from ' || name;", "DELETE"],
  ["execute format('alter table %I drop column x', name);", "DROP COLUMN"],
  ["execute $q$ truncate t $q$;", "TRUNCATE"],
  ["execute E'update t set a = 1';", "UPDATE"],
])("%s", (code, words) => {
  expect(inBlock(code)).toEqual([`2 ${words}`]);
});

test.each([
  "null;",
  "-- delete from t\n/* drop table t; */ perform 1;",
  "raise notice 'delete from here'; raise exception 'cannot drop table %', 't';",
  "alter table t drop constraint c, alter a drop not null, alter b drop default;",
  "drop policy p on t; drop role r; drop index i; drop function f; drop materialized view v;",
  "drop schema s; drop extension e; drop type y; drop function f() cascade;",
  "create trigger g before update or delete or truncate on t execute function f();",
  "alter table t add foreign key (a) references u on delete cascade on update set null;",
  "grant select, update, delete, truncate on t to r; revoke update on t from r;",
  "perform 1 from t for update; perform 1 from t for no key update skip locked;",
  "create policy p on t for delete using (true); create policy q on t for update using (true);",
  'perform "delete", "drop" from "update";',
])("%s takes nothing", (code) => {
  expect(inBlock(code)).toEqual([]);
});

test("lines are those of the script, as far as the text has them", () => {
  const script =
    "select 1;\n\ndo language plpgsql $x$\nbegin\n  delete from t;\n\n  drop table t;\nend $x$;";
  expect(deeds(script)).toEqual(["5 DELETE", "7 DROP TABLE"]);
  expect(deeds("do 'begin\n delete from t;\nend';")).toEqual(["2 DELETE"]);
  // The quotes are doubled there: the block is all that is known.
  expect(deeds("\ndo 'begin\n raise notice ''x''; delete from t; end';")).toEqual(["2 DELETE"]);
  expect(deeds("create function f() returns void language sql as 'delete from t';")).toEqual([]);
});
