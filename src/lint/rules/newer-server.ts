import type { Statement } from "../../db/script.ts";
import { allOf, as, findNodes, stringsOf, valuesOf } from "../../db/tree.ts";
import type { LintRule } from "../rule.ts";

interface Novelty {
  readonly since: number;
  readonly what: string;
  /** A word that stands in the text then; the tree says whether it is that. */
  readonly word: RegExp;
  readonly isIn: (node: Statement["node"]) => boolean;
}

const constraintsIn = (node: Statement["node"]) => findNodes(node, "Constraint");
const callsIn = (node: Statement["node"], ...names: string[]) =>
  findNodes(node, "FuncCall").some(({ funcname }) =>
    names.includes(stringsOf(funcname).at(-1) ?? ""),
  );

/** What the grammar of 18 takes and an older server refuses, from the release notes of 16 to 18. */
const novelties: readonly Novelty[] = [
  {
    since: 18,
    what: "a virtual generated column",
    word: /virtual/i,
    isIn: (node) => constraintsIn(node).some(({ generated_kind }) => generated_kind === "v"),
  },
  {
    since: 18,
    what: "NOT NULL as a constraint of the table",
    word: /not\s+null/i,
    isIn: (node) =>
      allOf(as(node, "AlterTableStmt")?.cmds, "AlterTableCmd").some(
        ({ def }) => as(def, "Constraint")?.contype === "CONSTR_NOTNULL",
      ) ||
      allOf(as(node, "CreateStmt")?.tableElts, "Constraint").some(
        ({ contype }) => contype === "CONSTR_NOTNULL",
      ),
  },
  {
    since: 18,
    what: "NOT ENFORCED",
    word: /enforced/i,
    isIn: (node) =>
      constraintsIn(node).some(
        ({ contype, is_enforced }) =>
          (contype === "CONSTR_CHECK" || contype === "CONSTR_FOREIGN") && is_enforced !== true,
      ),
  },
  {
    since: 18,
    what: "WITHOUT OVERLAPS or PERIOD",
    word: /overlaps|period/i,
    isIn: (node) =>
      constraintsIn(node).some(
        ({ without_overlaps, fk_with_period }) =>
          without_overlaps === true || fk_with_period === true,
      ),
  },
  {
    since: 18,
    what: "uuidv7() or uuidv4()",
    word: /uuidv/i,
    isIn: (node) => callsIn(node, "uuidv7", "uuidv4"),
  },
  {
    since: 17,
    what: "SET EXPRESSION",
    word: /expression/i,
    isIn: (node) =>
      allOf(as(node, "AlterTableStmt")?.cmds, "AlterTableCmd").some(
        ({ subtype }) => subtype === "AT_SetExpression",
      ),
  },
  {
    since: 17,
    what: "JSON_TABLE",
    word: /json_table/i,
    isIn: (node) => valuesOf(node, "JsonTable").length > 0,
  },
  {
    since: 17,
    what: "JSON_EXISTS, JSON_VALUE or JSON_QUERY",
    word: /json_/i,
    isIn: (node) => valuesOf(node, "JsonFuncExpr").length > 0,
  },
  {
    since: 17,
    what: "MERGE … RETURNING",
    word: /merge/i,
    isIn: (node) =>
      findNodes(node, "MergeStmt").some(
        (merge) => (merge as { returningClause?: unknown }).returningClause !== undefined,
      ),
  },
  {
    since: 17,
    what: "the right MAINTAIN",
    word: /maintain/i,
    isIn: (node) =>
      allOf(as(node, "GrantStmt")?.privileges, "AccessPriv").some(
        ({ priv_name }) => priv_name === "maintain",
      ),
  },
  {
    since: 16,
    what: "IS JSON",
    word: /json/i,
    isIn: (node) => valuesOf(node, "JsonIsPredicate").length > 0,
  },
  {
    since: 16,
    what: "JSON_ARRAY, JSON_OBJECT and their aggregates",
    word: /json_/i,
    isIn: (node) =>
      ["JsonObjectConstructor", "JsonArrayConstructor", "JsonObjectAgg", "JsonArrayAgg"].some(
        (kind) => valuesOf(node, kind).length > 0,
      ),
  },
  {
    since: 16,
    what: "any_value(), random_normal(), array_sample() or array_shuffle()",
    word: /any_value|random_normal|array_s/i,
    isIn: (node) => callsIn(node, "any_value", "random_normal", "array_sample", "array_shuffle"),
  },
];

/** Most statements have none of the words. */
const anyWord = new RegExp(novelties.map(({ word }) => word.source).join("|"), "i");

export const newerServer: LintRule = {
  name: "newer-server",
  severity: "error",
  summary: "a statement that the oldest server it must run on does not know",
  why: "Files are parsed by the grammar of PostgreSQL 18, so what came after the version of --server passes as SQL and fails when it runs. With --url the version is that of the database.",
  safe: "-- name the oldest version that is really in use: pgwright lint --server 17",
  judge: ({ statement, model }) =>
    !anyWord.test(statement.text)
      ? []
      : novelties
          .filter(
            ({ since, word, isIn }) =>
              since > model.server && word.test(statement.text) && isIn(statement.node),
          )
          .map(({ since, what }) => ({
            message: `PostgreSQL ${model.server} does not know ${what}, which came with ${since}`,
            hint: `write it without; or \`--server ${since}\`, if nothing older is in use`,
          })),
};
