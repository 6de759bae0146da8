/** Small JSON documents. */
import { createHash } from "node:crypto";
import type { Made, Scope } from "../scope.ts";

/** A json or jsonb value of the kind that checks ask for, else of the column's default. */
export function makeJson(scope: Scope): Made {
  const { draw, words, rule, column, plainName, isUnique } = scope;
  const noun = (row: number, salt: number) =>
    `${draw.pick(words.noun, row, salt)}${isUnique ? ` ${row}` : ""}`;
  const amount = (row: number) => (isUnique ? row : draw.below(100, row, 2));
  const shapes: Record<string, (row: number) => string> = {
    array: (row) =>
      JSON.stringify(
        Array.from({ length: 1 + draw.below(3, row, 50) }, (_, n) =>
          /url|link|image|media/.test(plainName)
            ? `https://cdn.example.com/${createHash("md5").update(noun(row, n)).digest("hex").slice(0, 12)}.jpg`
            : noun(row, n),
        ),
      ),
    object: (row) => JSON.stringify({ kind: noun(row, 1), amount: amount(row) }),
    string: (row) => JSON.stringify(noun(row, 1)),
    number: (row) => String(amount(row)),
    boolean: (row) => String((isUnique ? row % 2 : draw.below(2, row, 2)) === 1),
    null: () => "null",
  };
  const kind = rule.jsonType ?? ((column.default ?? "").startsWith("'[") ? "array" : "object");
  // What a first draw has that a check does not want, the next ones leave out.
  const empty: Record<string, string> = { array: "[]", object: "{}" };
  const shape = shapes[kind] ?? (() => "{}");
  const isFree = rule.jsonType === undefined;
  const text = (row: number) => {
    if (isUnique || draw.attempt(row) === 0 || draw.unit(row, 60) < 0.4) return shape(row);
    if (draw.unit(row, 61) < 0.5 || !isFree) return empty[kind] ?? shape(row);
    return draw.unit(row, 62) < 0.5 ? "[]" : String(draw.below(100, row, 2));
  };
  const capacity = kind === "boolean" ? 2 : kind === "null" ? 1 : Infinity;
  return { text, how: "a small document", capacity: isUnique ? capacity : undefined };
}
