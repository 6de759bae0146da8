/** What the functions of triggers may do, by their texts. */
import { beforeAll, describe, expect, it } from "vitest";
import { loadParser } from "../../../src/db/script.ts";
import { follow } from "../../../src/seed/trigger-reach.ts";

const nothing = { toItself: false, toDeletes: false };
const anything = { toItself: true, toDeletes: true };

describe("the reach of triggers", () => {
  beforeAll(loadParser);

  const reach = (texts: Readonly<Record<string, string | null>>) =>
    follow(
      ["start"],
      new Set(["Own", "own_part"]),
      new Map(Object.entries(texts).map(([name, text]) => [name, [text]])),
    );

  it.each([
    ["begin new.at := now(); return new; end", nothing],
    [`begin select 1 from "Own"; end`, { toItself: true, toDeletes: false }],
    ["begin insert into other.OWN_PART values (1); end", { toItself: true, toDeletes: false }],
    // Folded to lower case, it is another table.
    ["begin select 1 from Own; end", nothing],
    [`begin -- "Own"\n perform 'own_part', $$ own_part $$; end`, nothing],
    ["begin delete from parents; end", { toItself: false, toDeletes: true }],
    [
      "begin merge into p using q on true when matched then delete; end",
      { toItself: false, toDeletes: true },
    ],
    ["begin truncate parents; end", { toItself: false, toDeletes: true }],
    ["begin if tg_op = 'DELETE' then return old; end if; end", nothing],
    ["begin execute format('select %I', tg_table_name); end", anything],
    ["begin raise 'never closed; end", anything],
  ])("%s", (text, expected) => {
    expect(reach({ start: text })).toEqual(expected);
  });

  it("goes on through functions, views and the triggers of other tables", () => {
    const texts = {
      start: "begin insert into log values (1); return null; end",
      log: '"write on"',
      "write on": "begin perform shared.seen(); end",
      seen: "select * from everything",
      everything: 'select 1 from "Own" join log on true',
    };
    expect(reach(texts)).toEqual({ toItself: true, toDeletes: false });
    expect(reach({ ...texts, everything: "select 1" })).toEqual(nothing);
    expect(reach({ ...texts, seen: null })).toEqual(anything);
  });
});
