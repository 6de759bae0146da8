import { ident } from "../../db/identifier.ts";
import { describeBlock, ruleOfFacts, sqlName } from "../say.ts";

export const addColumnStored = ruleOfFacts({
  name: "add-column-stored",
  severity: "error",
  summary: "a new stored generated column rewrites the table",
  why: "Its value is computed and stored for every row under ACCESS EXCLUSIVE.",
  safe: "-- PostgreSQL 18 and later: nothing is stored, nothing is rewritten\nALTER TABLE orders ADD COLUMN total numeric GENERATED ALWAYS AS (net + tax) VIRTUAL;\n-- before 18: a plain column, a trigger that fills it, and the old rows in batches",
  squawk: ["adding-field-with-default"],
  facts: ["add-column-stored"],
  say: (effect, { model }) => ({
    message: `${sqlName(effect.table)}.${ident(effect.column ?? "")} is computed for every row: ${describeBlock(effect)}`,
    hint:
      model.server >= 18
        ? "write VIRTUAL in place of STORED: it is computed when it is read"
        : "add a plain column, fill it by a trigger, and the rows that are there in batches",
  }),
});
