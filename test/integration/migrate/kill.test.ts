import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { countAdvisoryLocks } from "../../support/catalog.ts";
import { eventually } from "../../support/eventually.ts";
import type { Weapon } from "../../support/kill.ts";
import {
  end,
  findStopped,
  installKillPoints,
  watchBuilds,
  readOutcome,
} from "../../support/kill.ts";
import type { MigrationProject } from "../../support/migration-project.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const base = { "000_base.sql": migration("select 1;", "select 1;") };

const mixed = `create table one (id int primary key);
insert into notes (note) values ('first');
create index concurrently big_v on big (kill.slow(v));
create table two (id int);
insert into notes (note) values ('second');
create index concurrently parts_v on parts (v);
drop index concurrently old_index;
alter table ranges detach partition ranges_1 concurrently;
reindex table concurrently small;
vacuum small;
alter table one add note text;
insert into notes (note) values ('third');`;

const files = { ...base, "001_mixed.sql": migration(mixed, "select 1;") };

/** Where it is ended, in the order in which the migration comes by. */
const points = [
  "after CREATE TABLE public.one",
  "after insert first",
  "before log statement-finished 2",
  "before log statement-started 3",
  "in the build",
  "after CREATE INDEX public.big_v",
  "before log statement-finished 3",
  "after CREATE TABLE public.two",
  "after insert second",
  "before log statement-finished 5",
  "before log statement-started 6",
  "after CREATE INDEX public.parts_v",
  "after CREATE INDEX public.parts_1_parts_v",
  "before ALTER INDEX",
  "after CREATE INDEX public.parts_2_parts_v",
  "after CREATE INDEX public.parts_2_2_parts_2_parts_v",
  "before log statement-finished 6",
  "before log statement-started 7",
  "before DROP INDEX",
  "before log statement-finished 7",
  "before log statement-started 8",
  "before ALTER TABLE",
  "before log statement-finished 8",
  "before log statement-started 9",
  "before log statement-finished 9",
  "before log statement-started 10",
  "before log statement-finished 10",
  "after ALTER TABLE public.one",
  "after insert third",
  "before log apply",
];

/** How the one that was ended takes its leave. */
const farewells: Record<Weapon, object> = {
  "terminate the backend": {
    code: 4,
    stderr: expect.stringMatching(
      /error\[connection-lost\].*terminating connection due to administrator command/,
    ),
  },
  "kill -9 the command": { code: null },
};

let template: MigrationProject;
let undisturbed: State;

type State = Awaited<ReturnType<typeof readState>>;

async function readState({ sql }: MigrationProject) {
  return {
    ...(await readOutcome(sql)),
    ranges: await sql`select count(*)::int from ranges_1`,
  };
}

beforeAll(async () => {
  template = await withMigrations(base);
  await template.mustRun(["migrate"]);
  await installKillPoints(template.sql);
  // A database with sessions cannot be a template.
  await template.sql.end();
  await using project = await withMigrations(files, { template: template.database.name });
  await project.mustRun(["migrate"]);
  undisturbed = await readState(project);
});

afterAll(async () => {
  await template[Symbol.asyncDispose]();
});

describe.each<Weapon>(["terminate the backend", "kill -9 the command"])("%s", (weapon) => {
  test.each(points)("%s", async (point) => {
    await using project = await withMigrations(files, { template: template.database.name });
    const { sql } = project;
    await sql`insert into kill.point values (${point})`;
    const first = project.start(["migrate"]);
    const worker = await eventually(() => findStopped(sql), `somebody ${point}`);
    await sql`delete from kill.point`;
    await using builds = watchBuilds(sql);
    await end(weapon, first, worker, sql);
    const second = await project.run(["migrate"]);
    expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining("✓ 001_mixed.sql") });
    expect(await first.done).toMatchObject(farewells[weapon]);
    expect(builds.most()).toBeLessThanOrEqual(1);
    expect(await readState(project)).toEqual(undisturbed);
    expect(await countAdvisoryLocks(sql)).toBe(0);
  });
});
