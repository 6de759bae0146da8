import { describe, expect, it } from "vitest";
import { withPartitions } from "../../support/partition-project.ts";

const posts = `
  create schema "Social";
  create table "Social"."Posts" (
    id bigint generated always as identity,
    "At" timestamptz not null default now(),
    body text check (body <> ''),
    size int generated always as (length(body)) stored,
    primary key (id, "At")
  ) partition by range ("At");
  comment on column "Social"."Posts".body is 'What was said';
  create index posts_body on "Social"."Posts" (body);
`;
const postsYaml = `
'"Social"."Posts"':
  by: range
  column: At
  every: month
  horizon: 60d
`;

describe("partitions maintain", () => {
  it("creates what is missing up to the horizon, and nothing the second time", async () => {
    await using project = await withPartitions(posts, postsYaml);
    const first = await project.maintain("--as-of", "2030-01-15");
    expect(first.code, JSON.stringify(first.body)).toBe(0);
    expect(await project.leaves('"Social"."Posts"')).toEqual([
      {
        name: "Posts_2030_01",
        bound: "FOR VALUES FROM ('2030-01-01 00:00:00+00') TO ('2030-02-01 00:00:00+00')",
      },
      {
        name: "Posts_2030_02",
        bound: "FOR VALUES FROM ('2030-02-01 00:00:00+00') TO ('2030-03-01 00:00:00+00')",
      },
      {
        name: "Posts_2030_03",
        bound: "FOR VALUES FROM ('2030-03-01 00:00:00+00') TO ('2030-04-01 00:00:00+00')",
      },
    ]);
    const second = await project.maintain("--as-of", "2030-01-15");
    expect(second.code).toBe(0);
    expect(second.tables).toMatchObject([{ state: "done", created: [], changed: [], moved: 0 }]);
    await project.sql`insert into "Social"."Posts" ("At", body) values ('2030-02-10', 'x')`;
    const [row] =
      await project.sql`select tableoid::regclass::text as t, size from "Social"."Posts"`;
    expect(row).toEqual({ t: '"Social"."Posts_2030_02"', size: 1 });
  });
});
