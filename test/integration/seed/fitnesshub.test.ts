import { expect, it } from "vitest";
import { withFitnessHub } from "../../support/fitnesshub.ts";
import { readSeeds } from "../../../src/seed/read.ts";
import { fingerprint, runSeed } from "../../support/seed.ts";

it("fills FitnessHub without a seed file, and again the same", { timeout: 120_000 }, async () => {
  const found: Record<string, string>[] = [];
  for (let run = 0; run < 2; run += 1) {
    await using database = await withFitnessHub();
    const result = await runSeed(database, { role: "fitnesshub_owner", tables: [] });
    const emails = result.loaded.find(({ table }) => table === "user_service.user_emails");
    expect(emails).toMatchObject({ filledByTriggers: true });
    const tables = result.loaded.filter(({ filledByTriggers }) => !filledByTriggers);
    for (const { table, rows } of tables) {
      const [row] = await database.sql.unsafe(`select count(*)::int as n from ${table}`);
      expect(row, table).toEqual({ n: rows });
      expect(rows, table).toBeGreaterThan(0);
    }
    const [wrong] = await database.sql`
      select count(*)::int as n from social_service.social_posts p
      where likes_count <> (select count(*) from social_service.likes l where l.post_id = p.id)
        or comments_count <> (select count(*) from social_service.comments c where c.post_id = p.id)`;
    expect(wrong).toEqual({ n: 0 });
    found.push(
      await fingerprint(
        database,
        tables.map(({ table }) => table).filter((table) => table !== "shared.audit_log"),
      ),
    );
  }
  expect(found[1]).toEqual(found[0]);
});

it(
  "fills FitnessHub from its own seeds: every counter true, the same again",
  { timeout: 240_000 },
  async () => {
    const directory = new URL("../../../seeds", import.meta.url).pathname;
    const overrides = { seed: undefined, scale: 1, asOf: undefined };
    const seeds = await readSeeds(directory, overrides);
    const found: Record<string, string>[] = [];
    for (let run = 0; run < 2; run += 1) {
      await using database = await withFitnessHub();
      const result = await runSeed(database, { role: "fitnesshub_owner", ...seeds });
      const filled = result.loaded.filter(({ filledByTriggers }) => !filledByTriggers);
      // 18 entities; exercises come from SQL, and the log has none.
      expect(filled).toHaveLength(17);
      const [wrong] = await database.sql`
      select count(*)::int as n from social_service.social_posts p
      where likes_count <> (select count(*) from social_service.likes l where l.post_id = p.id)
        or comments_count <> (select count(*) from social_service.comments c where c.post_id = p.id)`;
      expect(wrong).toEqual({ n: 0 });
      const [early] = await database.sql`
      select count(*)::int as n from social_service.comments c
      join social_service.social_posts p on p.id = c.post_id where c.created_at < p.created_at`;
      expect(early).toEqual({ n: 0 });
      const names = [...filled.map(({ table }) => table), "workout_service.exercises"];
      found.push(await fingerprint(database, names));
    }
    expect(found[1]).toEqual(found[0]);
  },
);
