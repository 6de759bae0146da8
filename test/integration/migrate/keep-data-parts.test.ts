/** Rows that go by several statements, with their partition and with what it is a part of: each is kept once. */
import { expect, test } from "vitest";
import { migrate, rollback } from "../../../src/migrate/library.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const parted = (key: string) =>
  `create table part (id int, at date${key}) partition by range (at);
create table part_1 partition of part for values from ('2024-01-01') to ('2024-02-01');
create table part_2 partition of part for values from ('2024-02-01') to ('2024-03-01');`;
const tenEach = `insert into part select i, date '2024-01-10' + i from generate_series(1, 10) i;
insert into part select i, date '2024-02-01' + i - 10 from generate_series(11, 20) i;`;
const keyed = ", primary key (id, at)";
const look = "select tableoid::regclass::text as leaf, t::text as row from part t order by 1, 2";

interface Scene {
  readonly title: string;
  /** Stays. */
  readonly before?: string;
  readonly up?: string;
  readonly down: string;
  readonly fill?: string;
  readonly look?: string;
  /** How many rows are kept of what. */
  readonly kept: Readonly<Record<string, number>>;
}

const scenes = (key: string): readonly Scene[] => [
  {
    title: "leaf and parent are dropped together",
    up: parted(key),
    down: "drop table part_1, part;",
    kept: { "public.part_1": 10, "public.part": 10 },
  },
  {
    title: "leaf and parent are dropped one after the other",
    up: parted(key),
    down: "drop table part_1; drop table part_2; drop table part;",
    kept: { "public.part_1": 10, "public.part_2": 10 },
  },
  {
    title: "the leaf is detached before",
    up: parted(key),
    down: "alter table part detach partition part_1; drop table part_1, part;",
    kept: { "public.part_1": 10, "public.part": 10 },
  },
  {
    title: "the parent is emptied before",
    up: parted(key),
    down: "delete from part; drop table part_1; drop table part;",
    kept: { "public.part_1": 10, "public.part": 10 },
  },
  {
    title: "some rows of the leaf are deleted before the parent is dropped",
    up: parted(key),
    down: "delete from part_1 where id < 5; delete from part where id < 15; drop table part;",
    kept: { "public.part_1": 4, "public.part": 16 },
  },
  {
    title: "the leaf is emptied and the parent dropped",
    up: parted(key),
    down: "truncate part_1; drop table part;",
    kept: { "public.part_1": 10, "public.part": 10 },
  },
  {
    title: "a leaf that the migration does not make is dropped with its parent",
    up: "create table part (id int, at date) partition by range (at); create table part_d partition of part default;",
    down: "drop table if exists part_1; drop table part;",
    fill: `create table part_1 partition of part for values from ('2024-01-01') to ('2024-02-01'); ${tenEach}`,
    look: "select t::text as row from part t order by 1",
    kept: { "public.part_1": 10, "public.part": 10 },
  },
  {
    title: "a leaf below a leaf",
    up: `create table part (id int, at date${key}) partition by range (at);
create table part_m partition of part for values from ('2024-01-01') to ('2024-03-01') partition by range (at);
create table part_1 partition of part_m for values from ('2024-01-01') to ('2024-02-01');
create table part_2 partition of part_m for values from ('2024-02-01') to ('2024-03-01');`,
    down: "drop table part_1; drop table part_m; drop table part;",
    kept: { "public.part_1": 10, "public.part_m": 10 },
  },
  {
    title: "the leaf is emptied, and rows of all are deleted",
    before: parted(key),
    down: "truncate part_1; delete from part;",
    kept: { "public.part_1": 10, "public.part": 10 },
  },
  {
    title: "some rows are deleted, and the leaf is emptied",
    before: parted(key),
    down: "delete from part where id < 3; truncate part_1;",
    kept: { "public.part": 2, "public.part_1": 8 },
  },
  {
    title: "some rows are deleted of the leaf, and some of all",
    before: parted(key),
    down: "delete from part_1 where id < 3; delete from part where id < 5;",
    kept: { "public.part_1": 2, "public.part": 2 },
  },
  {
    title: "rows of the leaf are deleted, and a key takes all",
    before: `create table owners (id int primary key); insert into owners values (1);
${parted(key)} alter table part add column owner int references owners on delete cascade;`,
    down: "delete from part_1; delete from owners;",
    fill: `${tenEach} update part set owner = 1;`,
    kept: { "public.part_1": 10, "public.part": 10, "public.owners": 1 },
  },
  {
    title: "the leaf is dropped, and what stays in the parent deleted",
    before: `create table part (id int, at date${key}) partition by range (at);
create table part_2 partition of part for values from ('2024-02-01') to ('2024-03-01');`,
    up: "create table part_1 partition of part for values from ('2024-01-01') to ('2024-02-01');",
    down: "drop table part_1; delete from part where id < 13;",
    kept: { "public.part_1": 10, "public.part": 2 },
  },
  {
    title: "values of the leaf change before the parent is dropped",
    up: parted(key),
    down: "update part_1 set id = id + 100; drop table part;",
    kept: { "public.part": 20 },
  },
];

for (const [title, key] of [
  ["without a key", ""],
  ["with a key", keyed],
] as const) {
  test(`each row is kept once, ${title}`, { timeout: 300_000 }, async () => {
    for (const scene of scenes(key)) {
      await using project = await withMigrations({
        "001_before.sql": migration(scene.before ?? "select 1;", "select 1;"),
        "002_parts.sql": migration(scene.up ?? "select 1;", scene.down),
      });
      const { sql } = project;
      const options = { url: project.database.url, directory: `${project.path}/migrations` };
      await migrate(options);
      await sql.unsafe(scene.fill ?? tenEach).simple();
      const rows = await sql.unsafe(scene.look ?? look);
      const back = await rollback({ ...options, keepData: true });
      const kept = back.rolledBack.flatMap((one) => one.kept);
      expect([scene.title, Object.fromEntries(kept.map((one) => [one.object, one.rows]))]).toEqual([
        scene.title,
        scene.kept,
      ]);
      const again = await migrate(options);
      expect([scene.title, await sql.unsafe(scene.look ?? look)]).toEqual([scene.title, rows]);
      expect(again.restored?.filter(({ left }) => left > 0)).toEqual([]);
    }
  });

  test(`the SQL of --leave-kept puts each row back once, ${title}`, async () => {
    await using project = await withMigrations({
      "001_parts.sql": migration(parted(key), "drop table part_1, part;"),
    });
    const { sql } = project;
    await project.mustRun(["migrate"]);
    await sql.unsafe(tenEach).simple();
    const rows = await sql.unsafe(look);
    await project.mustRun(["rollback", "--keep-data"]);
    const { body } = await project.json(["migrate", "--leave-kept"]);
    const session = await sql.reserve();
    await session.unsafe(body.result.putBackSql).simple();
    session.release();
    expect(await sql.unsafe(look)).toEqual(rows);
  });
}

test("a refused rollback counts each row once", async () => {
  await using project = await withMigrations({
    "001_parts.sql": migration(
      `${parted("")} create table heirs (id int); create table heir () inherits (heirs);`,
      "drop table part_1, part; drop table heir; drop table heirs;",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql.unsafe(`${tenEach} insert into heir values (1), (2);`).simple();
  const refused = await project.run(["rollback"]);
  expect(refused.stderr).toContain("drops public.part_1: 10 rows");
  expect(refused.stderr).toContain("drops public.part: 10 rows");
  expect(refused.stderr).toContain("drops public.heir: 2 rows");
  expect(refused.stderr).not.toContain("public.heirs");
  // Nothing is left of what it has by inheritance, so it can be kept.
  const back = await project.run(["rollback", "--keep-data"]);
  expect(back.stderr).not.toContain("error");
  await project.mustRun(["migrate"]);
  expect(await sql`select count(*)::int as rows from heir`).toEqual([{ rows: 2 }]);
  expect(await sql`select count(*)::int as rows from heirs`).toEqual([{ rows: 2 }]);
});

test("a parent that others fill meanwhile is not dropped as empty", async () => {
  await using project = await withMigrations({
    "001_parts.sql": migration(parted(""), "drop table part_1, part;"),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into part values (1, '2024-01-02')`;
  const dry = await project.run(["rollback", "--keep-data", "--dry-run"]);
  await sql`insert into part values (2, '2024-02-02')`;
  const session = await sql.reserve();
  await expect(session.unsafe(dry.stdout).simple()).rejects.toThrow(
    "drops public.part, which is not empty at that point",
  );
  await session`rollback`;
  session.release();
  expect(await sql`select count(*)::int as rows from part`).toEqual([{ rows: 2 }]);
});

test("a partition that is detached and stays is not kept with its parent", async () => {
  await using project = await withMigrations({
    "001_old.sql": migration(
      "create table q2 (id int, at date not null, primary key (id, at));",
      "drop table q2;",
    ),
    "002_parts.sql": migration(
      `create table q (id int, at date not null, note text default '-', primary key (id, at)) partition by range (at);
create table q1 partition of q for values from ('2024-01-01') to ('2024-02-01');
alter table q2 add column if not exists note text default '-';
alter table q attach partition q2 for values from ('2024-02-01') to ('2024-03-01');`,
      "alter table q detach partition q2; drop table q;",
    ),
    "003_note.sql": migration(
      "alter table q add column late text; ",
      "alter table q detach partition q2; alter table q drop column late; alter table q2 drop column late; alter table q attach partition q2 for values from ('2024-02-01') to ('2024-03-01');",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate", "--to", "002"]);
  await sql.unsafe(tenEach.replaceAll("part", "q (id, at)")).simple();
  const refused = await project.run(["rollback"]);
  expect(refused.stderr).toContain("drops public.q: 10 rows");
  const back = await project.run(["rollback", "--keep-data"]);
  expect(back.stdout).toContain("kept public.q: 10 rows");
  await sql`delete from q2 where id = 11`;
  const again = await project.run(["migrate", "--to", "002"]);
  expect(again.stdout).toContain("public.q: 10 rows put back");
  expect(await sql`select count(*)::int as rows from q`).toEqual([{ rows: 19 }]);

  // Values of its columns, too.
  await project.mustRun(["migrate"]);
  await sql`update q set late = 'x' || id`;
  const values = await project.run(["rollback", "--keep-data"]);
  expect(values.stdout).toContain("kept public.q.late: 10 rows");
  expect(values.stdout).toContain("kept public.q2.late: 9 rows");
  await project.mustRun(["migrate"]);
  expect(await sql`select count(*)::int as rows from q where late = 'x' || id`).toEqual([
    { rows: 19 },
  ]);
});

test("a partition that is detached and stays, with nothing else in its parent", async () => {
  await using project = await withMigrations({
    "001_old.sql": migration("create table q2 (id int, at date not null);", "drop table q2;"),
    "002_parts.sql": migration(
      `create table q (id int, at date not null) partition by range (at);
alter table q attach partition q2 for values from ('2024-02-01') to ('2024-03-01');`,
      "alter table q detach partition q2; drop table q;",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into q values (1, '2024-02-02')`;
  await project.mustRun(["rollback"]);
  expect(await sql`select count(*)::int as rows from q2`).toEqual([{ rows: 1 }]);
});
