/** A file that runs online is ended in the middle, and goes on in the form in which it was begun. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { countAdvisoryLocks, readCatalog } from "../../../support/catalog.ts";
import { eventually } from "../../../support/eventually.ts";
import type { Weapon } from "../../../support/kill.ts";
import {
  end,
  findStopped,
  installKillPoints,
  watchBuilds,
  readOutcome,
} from "../../../support/kill.ts";
import type { MigrationProject } from "../../../support/migration-project.ts";
import { migration, withMigrations } from "../../../support/migration-project.ts";

const base = { "000_base.sql": migration("select 1;", "select 1;") };

const change = `create table made (id int primary key);
insert into notes (note) values ('first');
create index on big (kill.slow(v));
alter table big add check (v > 0), alter v set not null;
alter table small add unique (v) include (id);
create index on parts (v);
drop index old_index;
insert into notes (note) values ('second');`;

const files = {
  ...base,
  "001_change.sql": migration(change, "select 1;"),
};

/** Where it is ended, in the order in which the migration comes by. */
const points = [
  "before log statement-started 0",
  "after insert first",
  "before log statement-finished 2",
  "in the build",
  "before log statement-finished 5",
  "before log statement-finished 6",
  "before log statement-finished 9",
  "before log statement-finished 11",
  "before DROP INDEX",
  "before log apply",
];

let template: MigrationProject;
let ordinary: string[];
let undisturbed: Awaited<ReturnType<typeof readOutcome>>;

beforeAll(async () => {
  template = await withMigrations(base);
  await template.mustRun(["migrate"]);
  await installKillPoints(template.sql);
  // A database with sessions cannot be a template.
  await template.sql.end();
  await using online = await withMigrations(files, { template: template.database.name });
  await online.mustRun(["migrate", "--online"]);
  undisturbed = await readOutcome(online.sql);
  await using plain = await withMigrations(files, { template: template.database.name });
  await plain.mustRun(["migrate"]);
  ordinary = await readCatalog(plain.sql);
});

test("nothing killed: the catalog is that of migrate without --online", () => {
  expect(undisturbed.catalog).toEqual(ordinary);
});

afterAll(async () => {
  await template[Symbol.asyncDispose]();
});

test.each(points.map((point, index) => [point, index] as const))("%s", async (point, index) => {
  const weapon: Weapon = index % 2 === 0 ? "terminate the backend" : "kill -9 the command";
  // What was begun online goes on so; what was not is asked for again.
  const isBegun = points.indexOf("before log statement-finished 2") < index;
  const again = isBegun && index % 3 > 0 ? ["migrate"] : ["migrate", "--online"];
  await using project = await withMigrations(files, { template: template.database.name });
  const { sql } = project;
  await sql`insert into kill.point values (${point})`;
  const first = project.start(["migrate", "--online"]);
  const worker = await eventually(() => findStopped(sql), `somebody ${point}`);
  await sql`delete from kill.point`;
  await using builds = watchBuilds(sql);
  await end(weapon, first, worker, sql);
  const second = await project.run(again);
  expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining("✓ 001_change.sql") });
  await first.done;
  expect(builds.most()).toBeLessThanOrEqual(1);
  expect(await readOutcome(project.sql)).toEqual(undisturbed);
  expect(await countAdvisoryLocks(sql)).toBe(0);
});
