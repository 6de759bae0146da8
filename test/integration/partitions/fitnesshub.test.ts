import { describe, expect, it } from "vitest";
import { readPartitions } from "../../../src/policies/partitions/declared.ts";
import { listPartitions } from "../../../src/policies/partitions/list.ts";
import { connectTo } from "../../support/connection.ts";
import { addPost, addUser, withFitnessHub } from "../../support/fitnesshub.ts";
import { maintainOn } from "../../support/partition-project.ts";

const directory = new URL("../../../policies", import.meta.url).pathname;

describe("the partitions of FitnessHub", () => {
  it("are brought up to date with posts, likes and comments in the default partition", async () => {
    await using database = await withFitnessHub();
    const { sql } = database;
    await sql.begin(async (tx) => {
      const user = await addUser(tx);
      for (const at of ["2024-06-15", "2026-02-01", "2026-02-28"]) {
        const post = await addPost(tx, user, `${at} 12:00+00`);
        await tx`insert into likes (user_id, post_id) values (${user}, ${post})`;
        await tx`insert into comments (user_id, post_id, content) values (${user}, ${post}, 'Well done')`;
      }
    });
    const everything = () => sql`
      select (select json_agg(to_json(p) order by p.id)::text from social_posts p) as posts,
             (select json_agg(to_json(l) order by l.post_id)::text from likes l) as likes,
             (select json_agg(to_json(c) order by c.post_id)::text from comments c) as comments,
             (select count(*)::int from audit_log) as log`;
    const [before] = await everything();
    const options = { asOf: new Date("2026-11-27T12:00:00Z"), role: "fitnesshub_owner" };
    const { tables } = await maintainOn(database.url, directory, options);
    expect(
      tables.map(({ table, state, reason, moved }) => ({ table, state, reason, moved })),
    ).toEqual([
      { table: "user_service.users", state: "done", reason: undefined, moved: 0 },
      { table: "social_service.social_posts", state: "done", reason: undefined, moved: 3 },
      { table: "shared.audit_log", state: "done", reason: undefined, moved: 0 },
    ]);
    // Two years are kept; what is older stays as a table of its own.
    expect(tables[2]?.detached).toEqual(["shared.audit_log_2024_01", "shared.audit_log_2024_02"]);
    expect(tables.flatMap(({ findings }) => findings)).toEqual([]);
    expect((await everything())[0]).toEqual(before);
    const [rest] = await sql`select count(*)::int as count from only social_posts_default`;
    expect(rest).toEqual({ count: 0 });
    const leaves = await sql`
      select pg_get_userbyid(relowner) as owner, count(*)::int as count
      from pg_class c join pg_inherits i on i.inhrelid = c.oid
      where inhparent = 'social_posts'::regclass group by 1`;
    // January 2024 to February 2027, and the default.
    expect([...leaves]).toEqual([{ owner: "fitnesshub_owner", count: 38 + 1 }]);
    const { declared } = await readPartitions(directory);
    await using session = await connectTo(database.url);
    const list = await listPartitions(session, declared, { ...options, isWanted: () => true });
    expect(list.findings).toEqual([]);
    expect(
      list.tables.map(({ table, strategy, count, daysLeft, gaps }) => [
        table,
        strategy,
        count,
        daysLeft,
        gaps.length,
      ]),
    ).toEqual([
      ["user_service.users", "hash", 4, null, 0],
      ["social_service.social_posts", "range by month", 38, 93, 0],
      ["shared.audit_log", "range by month", 28, 93, 0],
    ]);
  });
});
