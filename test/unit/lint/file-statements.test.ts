/** What is found by topic is what looking through the whole file finds, whatever takes whose place. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Statement } from "../../../src/db/script.ts";
import { FileStatements } from "../../../src/lint/file-statements.ts";

/** Its words are its topics. */
const statement = (words: readonly string[]) => ({ text: words.join(" ") }) as Statement;
const topics = ({ text }: Statement) => text.split(" ");

const words = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 2 });
const pieces = fc.array(words, { minLength: 1, maxLength: 3 });

test("topics are found as in a list", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ words, pieces: fc.option(pieces) }), { minLength: 1, maxLength: 9 }),
      fc.boolean(),
      (file, isAskedBefore) => {
        const written = file.map((one) => statement(one.words));
        const found = new FileStatements(written);
        // Asked before something is replaced, or for the first time behind it.
        if (isAskedBefore) found.has(topics, "a");
        const list = file.flatMap((one, place) => {
          const own = one.pieces?.map(statement);
          if (own) found.replace(place, own);
          return own ?? written.slice(place, place + 1);
        });
        for (const topic of ["a", "b", "c"]) {
          const isAbout = (one: Statement) => topics(one).includes(topic);
          expect(found.has(topics, topic)).toBe(list.some(isAbout));
          for (const [at, one] of list.entries()) {
            const [before, behind] = [list.slice(0, at), list.slice(at + 1)];
            expect(found.hasBehind(one, topics, topic)).toBe(behind.some(isAbout));
            const watched = [[topics, topic]] as const;
            const visited: Statement[] = [];
            found.visitBefore(
              one,
              () => watched,
              (earlier) => visited.push(earlier),
            );
            expect(visited).toEqual(before.filter(isAbout));
            visited.length = 0;
            found.visitBehind(
              one,
              () => watched,
              (later) => visited.push(later),
            );
            expect(visited).toEqual(behind.filter(isAbout));
          }
        }
      },
    ),
  );
});

test("what is watched for may change on the way", () => {
  const file = ["a", "b", "a", "c", "b"].map((word) => statement([word]));
  const found = new FileStatements(file);
  let topic = "a";
  const visited: string[] = [];
  found.visitBehind(
    file[0] as Statement,
    () => (topic === "" ? [] : [[topics, topic]]),
    ({ text }) => {
      visited.push(text);
      topic = { a: "c", c: "b" }[text] ?? "";
    },
  );
  expect(visited).toEqual(["a", "c", "b"]);
});
