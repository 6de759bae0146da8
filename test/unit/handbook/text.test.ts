import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anchorOf } from "../../../src/handbook/anchor.ts";
import { block, code, text } from "../../../src/handbook/markdown/text.ts";

describe("anchorOf", () => {
  it("is plain, and another one for another name, also where capitals do not count", () => {
    const names = fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(names, names, (one, other) => {
        expect(anchorOf(...one)).toMatch(/^[a-z0-9_.~]*$/);
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(anchorOf(...one) === anchorOf(...other)).toBe(isSame);
      }),
    );
    expect(anchorOf("a.b", "c")).not.toBe(anchorOf("a", "b.c"));
    expect(anchorOf("Users")).not.toBe(anchorOf("users"));
  });
});

describe("Markdown", () => {
  it("escapes text, and leaves names as they are", () => {
    expect(text("user_id of a*b* <i> | [x](y)\n\n# no")).toBe(
      String.raw`user_id of a\*b\* \<i\> \| \[x\](y) # no`,
    );
    expect(text("_x_ & 1. one")).toBe(String.raw`\_x\_ &amp; 1. one`);
    expect([text("# a"), text("- a"), text("1. a"), text("=== a")]).toEqual([
      String.raw`\# a`,
      String.raw`\- a`,
      String.raw`1\. a`,
      String.raw`\=== a`,
    ]);
  });

  it("fences code by more backticks than it holds", () => {
    expect(code("a | `b`")).toBe("`` a \\| `b` ``");
    expect(code("  ")).toBe("");
    expect(block("sql", "select '```'")).toBe("````sql\nselect '```'\n````");
  });
});
