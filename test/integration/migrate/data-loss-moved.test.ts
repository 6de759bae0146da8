/** Rows that a rollback moves into another table before it drops theirs. */
import { expect, test } from "vitest";
import { testLosses } from "../../support/loss-case.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const up = `create table old (id int, note text, twice int generated always as (id * 2) stored);
  create table new (id int, note text);`;
const meanwhile = "insert into old values (1, 'a'), (2, 'b')";
const move = "with moved as (delete from old returning id, note)";
const rest = "drop table old; alter table new rename to kept";

testLosses({
  "all rows and columns are moved": {
    up,
    meanwhile,
    down: `${move} insert into new select id, note from moved; ${rest}`,
    losses: [],
  },
  "by stars": {
    up: "create table old (id int); create table new (id int)",
    meanwhile: "insert into old values (1)",
    down: "with m as (delete from old returning *) insert into new select * from m; drop table old",
    losses: [],
  },
  "under another name by then": {
    up: "create table old (id int); create table new (id int)",
    meanwhile: "insert into old values (1)",
    down: `alter table old rename to older; alter table older rename column id to no;
      with m as (delete from older returning no) insert into new select no from m; drop table older`,
    losses: [],
  },
  "a column stays behind": {
    up,
    meanwhile,
    down: `with moved as (delete from old returning id) insert into new select id from moved; ${rest}`,
    losses: ["drops public.old: 2 rows"],
  },
  "some rows stay behind": {
    up,
    meanwhile,
    down: `${move} insert into new select id, note from moved where id = 1; ${rest}`,
    losses: ["drops public.old: 2 rows"],
  },
  "some rows are not even taken": {
    up,
    meanwhile,
    down: `with moved as (delete from old where id = 1 returning id, note) insert into new select id, note from moved; ${rest}`,
    losses: ["drops public.old: 2 rows"],
  },
  "rows that are there already are left out": {
    up: `${up} alter table new add unique (id);`,
    meanwhile,
    down: `${move} insert into new select id, note from moved on conflict do nothing; ${rest}`,
    losses: ["drops public.old: 2 rows"],
  },
  "only as many as there is room for": {
    up,
    meanwhile,
    down: `${move} insert into new select id, note from moved limit 1; ${rest}`,
    losses: ["drops public.old: 2 rows"],
  },
});

test("what comes in behind the move is not lost either", async () => {
  const down = `${move} insert into new select id, note from moved;
    insert into old values (3, 'late'); ${rest}`;
  await using project = await withMigrations({ "001_t.sql": migration(up, down) });
  await project.mustRun(["migrate"]);
  await project.sql.unsafe(meanwhile);
  const { code, body } = await project.json(["rollback"]);
  expect(code).toBe(4);
  expect(body.error.code).toBe("data-loss");
  expect(await project.sql`select id from old order by id`).toEqual([{ id: 1 }, { id: 2 }]);
});
