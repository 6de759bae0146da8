import { expect, it } from "vitest";
import { readSeeds } from "../../../src/seed/read.ts";
import { readPartitions } from "../../../src/policies/partitions/declared.ts";
import { install } from "../../support/audit.ts";
import { connectTo } from "../../support/connection.ts";
import { fitnessHubPolicies, withFitnessHub } from "../../support/fitnesshub.ts";
import { fitnessHubAudit } from "../../support/fitnesshub-audit.ts";
import { fingerprint, runSeed } from "../../support/seed.ts";

it("fills FitnessHub without a seed file, and again the same", async () => {
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

it("fills FitnessHub from its own seeds: counters true, changes recorded, the same on every version", async () => {
  const directory = new URL("../../../seeds", import.meta.url).pathname;
  const overrides = { seed: undefined, scale: 1, asOf: undefined };
  const seeds = await readSeeds(directory, overrides);
  const { declared: partitions } = await readPartitions(fitnessHubPolicies);
  await using database = await withFitnessHub();
  {
    await using session = await connectTo(database.url, { writes: true });
    await install(session, fitnessHubAudit);
  }
  const result = await runSeed(database, { role: "fitnesshub_owner", partitions, ...seeds });
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
  const [elsewhere] = await database.sql`
      select count(*)::int as n from only social_service.social_posts_default`;
  expect(elsewhere).toEqual({ n: 0 });
  const recorded = await database.sql<{ name: string; n: number }[]>`
      select table_name as name, count(*)::int as n from shared.audit_log where operation = 'INSERT' group by 1`;
  const entries = new Map(recorded.map(({ name, n }) => [name, n]));
  for (const { table, rows } of filled) expect(entries.get(table), table).toBe(rows);
  const names = [...filled.map(({ table }) => table), "workout_service.exercises"];
  // Held against on every version that the tests run on: the same bytes on all of them.
  expect(await fingerprint(database, names)).toMatchInlineSnapshot(`
      {
        "ai_service.ai_chat_sessions": "1f7920421475a7081ff5d63c8e8c23f61dc4315df73a7341ce239d0b92bef2f2",
        "ai_service.ai_messages": "b52ccf9154e17bded29f3f6897fb0cc3504c6906c2a0d81003141416cb86566a",
        "ai_service.recommendations": "3b6f668e0723910f9db6ac4d23c1d43d5438749e55d0ce37749da083e5503747",
        "blockchain_service.achievements": "5a001aace95b68b2ec3873af32c5485367dd82eecc460bd8387bd177e07825ff",
        "blockchain_service.nfts": "851fafd553614c290462318d8ed422643b851ed5ee86e297e50d684bd86260de",
        "notification_service.notifications": "4f67ad305594fdee745e9fc513084f29bb21f6e131cb93299f7d6d12734146a8",
        "social_service.comments": "cb02eeba9487ecc8bf5ff9c73e7ba3eb0893763968274036223a35acab1dc68b",
        "social_service.likes": "c14dd84fdcb712ce7e45005d2d4b3a0544eff37864db9b7daaf364e3016e25f0",
        "social_service.social_posts": "518dda0fd9d1a5fbb9fc10bcef63e511ca06a062c98ea678ee9600d0d2d7df56",
        "social_service.user_followers": "7278d8c6463ccea7b9f5de6a1f25f8cd88d61fa848cb085d579bc687b7f7dfd3",
        "user_service.user_profiles": "bfe77cd5dee0e25870b02695ebedf3d91ed0f0c5735af0b5b6a259a479e72f22",
        "user_service.user_stats": "ccac8e2f25a7b0cd026d1a10e552ca32bd9ed9164ac58df45089d6e6d99da6bd",
        "user_service.users": "ca0194898a22794eb73a7401f83787d0ed1141391029d945700a65a5e72b35f9",
        "workout_service.exercise_sets": "b5c8b8aeb65d51248fd81b6c8fb113717cf20f19708225f37b138cf9009753bc",
        "workout_service.exercises": "9e0dbb4ce492cf082b0f9b87b8f5f68f3a1faba6767e580c745572110ec21037",
        "workout_service.workout_exercises": "8c392f8ba85f4dc7bb3f30f355373ba530dfc4ddee4373b97bdeb6bf6109cfaf",
        "workout_service.workout_sessions": "50ed5088540b0439470008879380092fe2b9a96667166c48572a5635740c13f4",
        "workout_service.workouts": "45dbd594ab8eb1b933f7ce0e4ffb7c47ecd202afdc20e1e18aefa0637d2afe74",
      }
    `);
});

it("fills a small FitnessHub, counts likes that are filled anew, and adds rows", async () => {
  const directory = new URL("../../../seeds", import.meta.url).pathname;
  const seeds = await readSeeds(directory, { seed: undefined, scale: 0.1, asOf: undefined });
  await using database = await withFitnessHub();
  const role = "fitnesshub_owner";
  const small = await runSeed(database, { role, ...seeds });
  const likes = small.tables.find(({ table }) => table === "social_service.likes");
  expect(likes?.perParent).toMatchObject({ most: 10 });
  const wrong = async () => {
    const [row] = await database.sql`
        select count(*)::int as n from social_service.social_posts p
        where likes_count <> (select count(*) from social_service.likes l where l.post_id = p.id)`;
    return row;
  };
  const { request } = seeds;
  await runSeed(database, {
    role,
    ...seeds,
    request: { ...request, seed: "other" },
    tables: ["social_service.likes"],
    truncate: true,
    allowDataLoss: true,
  });
  expect(await wrong()).toEqual({ n: 0 });
  const added = await runSeed(database, {
    role,
    ...seeds,
    request: { ...request, scale: 1 },
    append: true,
  });
  const emails = added.loaded.find(({ table }) => table === "user_service.user_emails");
  expect(emails).toMatchObject({ filledByTriggers: true });
  expect(await wrong()).toEqual({ n: 0 });
});
