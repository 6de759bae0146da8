/** What `indexes list` says of this repository's own database. */
import { expect, test } from "vitest";
import { withFitnessHub } from "../support/fitnesshub.ts";
import { list } from "../support/indexes.ts";

test("no foreign key lacks an index, none is twice there; three of the specification's are covered", async () => {
  await using database = await withFitnessHub();
  const { findings } = await list(database);
  const found = findings.filter(({ rule }) => rule !== "indexes/unused");
  expect(found.map(({ rule, object }) => [rule, object])).toEqual([
    ["indexes/covered", "notification_service.idx_notifications_user_id"],
    ["indexes/covered", "social_service.idx_social_posts_user_id"],
    ["indexes/covered", "workout_service.idx_workouts_user_id"],
  ]);
  // Partitioned tables are judged as one: no leaf is named.
  expect(findings.filter(({ message }) => /_20\d\d_\d\d/.test(message))).toEqual([]);
  // The tables are empty: without --all there is nothing to say.
  expect((await list(database, { all: false })).findings).toEqual([]);
});
