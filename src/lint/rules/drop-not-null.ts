import { ident } from "../../db/identifier.ts";
import { ruleOfFacts, sqlName } from "../say.ts";

export const dropNotNull = ruleOfFacts({
  name: "drop-not-null",
  severity: "info",
  summary: "a column may be null from now on",
  why: "Programs of the release before do not expect it: reading a null where there never was one is how they fail.",
  safe: "-- a release that can read nulls is everywhere before\nALTER TABLE orders ALTER COLUMN region DROP NOT NULL;",
  squawk: ["ban-drop-not-null"],
  facts: ["drop-not-null"],
  say: ({ table, column = "" }) => ({
    isBySize: false,
    message: `${sqlName(table)}.${ident(column)} may be null from now on, which programs of the release before do not expect`,
    hint: "release what can read nulls before anything writes them",
  }),
});
