import { expect, test } from "vitest";
import { tellSurvivors, type Told } from "../../../../src/anonymize/verify/tell.ts";

/** An original of `people.city` that was found inside of a longer text of the copy. */
const inside = (maskWords: ReadonlySet<bigint>) =>
  tellSurvivors({
    comparison: {
      hits: [],
      schemaWords: new Set(),
      textHits: [{ origin: 0, place: 0, hash: 7n, sight: { times: 1, example: "**. l****" } }],
      sought: [1],
      untold: [0],
      compared: 1,
      samples: 1,
      bytes: 14,
      isCut: false,
    },
    judged: [],
    maskWords,
    origins: [{ table: "people", column: "city", maskers: ["city"], isWeak: false }],
    places: [{ table: "people", column: "city" }],
    hasKey: true,
  } as unknown as Told).findings;

test("a word that a mask may write is no survivor inside of another one", () => {
  expect(inside(new Set())).toMatchObject([{ rule: "verify/survived" }]);
  expect(inside(new Set([7n]))).toEqual([]);
});
