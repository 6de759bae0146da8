/** Shows before any row is read that unique keys stay unique and exclusions stay kept. */
import { ident } from "../../db/identifier.ts";
import type { Finding } from "../../findings.ts";
import type { Compilation } from "../compile/compilation.ts";
import type { Exclusion, Table, UniqueKey } from "../catalog.ts";
import { nameOf, rootOf } from "../catalog.ts";
import { asIs } from "../fold.ts";
import { maskerNamed } from "../maskers/list.ts";
import type { Masker } from "../maskers/masker.ts";
import type { Rule } from "../rules/rule.ts";

/** What masking does to the distinctness of a column's values. */
type Effect =
  /** Carried as it is. */
  | "kept"
  /** Different values stay different. */
  | "injective"
  /** Different values stay different, if they differ in more than case and spaces. */
  | "injective but for case"
  /** Every row gets a value of its own. */
  | "of its own"
  /** Different values may become the same. */
  | "lossy"
  /** All values become NULL. */
  | "null";

interface Affected {
  readonly effect: Effect;
  readonly rule: Rule | undefined;
  readonly masker: Masker | undefined;
}

/** A finding for each unique key and each exclusion of which it cannot be shown. */
export function proveKeys(compilation: Compilation): Finding[] {
  return compilation.catalog.tables.flatMap((table) => [
    ...table.uniques.flatMap((key) => proveUnique(compilation, table, key)),
    ...table.exclusions.flatMap((one) => proveExclusion(compilation, table, one)),
  ]);
}

function affect({ rules, domains }: Compilation, table: Table, column: string): Affected {
  const said = rules.of(table, column);
  if (said && said.paths.length > 0)
    return { effect: "lossy", rule: said.paths[0], masker: undefined };
  const domain = domains.of(table, column);
  const rule = said?.whole ?? domain.rule;
  const masker = rule && maskerNamed(rule.masker);
  const of = (effect: Effect): Affected => ({ effect, rule, masker });
  if (!rule || !masker || masker.name === "keep") return of("kept");
  if (masker.name === "null" || (masker.name === "fixed" && rule.options.value === null))
    return of("null");
  if (masker.uniqueness === "bijective") return of("injective");
  if (masker.uniqueness !== "drawn") return of("lossy");
  if (domain.isShared) {
    const isExact = domain.fold === "none" && domain.collation === null;
    return of(isExact ? "injective" : "injective but for case");
  }
  // Bits of the row are the row's own where a primary key tells rows apart.
  return of(table.uniques.some(({ isPrimary }) => isPrimary) ? "of its own" : "lossy");
}

function proveUnique(compilation: Compilation, table: Table, key: UniqueKey): Finding[] {
  const affected = key.columns.map((column, n) => {
    const text = key.keys[n] ?? "";
    const name = column ?? wrapped(text, key.uses);
    if (name !== undefined) {
      const found = affect(compilation, table, name);
      const domain = compilation.domains.of(table, name);
      const isCaseFold = domain.fold === "case" && domain.collation === null;
      const isFolded = column === null || isCaseless(compilation, table, name);
      return {
        name,
        ...found,
        alike: domain,
        sql: text,
        effect: through(found, column === null, isFolded && isCaseFold),
      };
    }
    const parts = key.uses.filter((use) => text.includes(ident(use)));
    const touched = parts
      .map((use) => ({ name: use, ...affect(compilation, table, use) }))
      .find(({ effect }) => effect !== "kept");
    return touched
      ? { ...touched, alike: asIs, sql: text, effect: "lossy" as const }
      : { name: text, alike: asIs, sql: text, effect: "kept" as const, rule: undefined };
  });
  const effects = affected.map(({ effect }) => effect);
  if (effects.every((one) => one === "kept") || effects.includes("of its own")) return [];
  if (effects.includes("null") && !/ NULLS NOT DISTINCT/i.test(key.definition)) return [];
  if (effects.every((one) => one === "kept" || one === "injective")) return [];
  if (hasKeptKey(compilation, table, affected)) return [];
  const weak = affected.filter(({ effect }) => effect !== "kept" && effect !== "injective");
  const root = nameOf(rootOf(compilation.catalog, table));
  if (weak.every(({ effect }) => effect === "injective but for case")) {
    // Whether values differ in case alone is told by the rows.
    compilation.caseClaims.push(
      ...weak.map(({ name, alike: { fold, collation }, sql, rule }) => ({
        table,
        column: name,
        fold,
        collation,
        sql,
        key: key.name,
        rule,
      })),
    );
    return [];
  }
  return weak.slice(0, 1).map(({ name, rule }): Finding => ({
    rule: "masking/unique",
    severity: "error",
    message: `${root}.${name} is part of ${key.name}, and \`${rule?.masker}\` makes different values the same`,
    hint: `use a masker that keeps values apart: ${uniqueMaskers}`,
    at: rule?.at,
    object: `${root}.${name}`,
  }));
}

const uniqueMaskers = "email, username, uuid, hash, url, integer, digits, shuffle";

/** The column in `lower(email)`, `lower((email)::text)`, `upper(…)`, `(email)::text`. */
function wrapped(text: string, uses: readonly string[]): string | undefined {
  return uses.find((name) => {
    const column = ident(name);
    return [
      `lower(${column})`,
      `lower((${column})::text)`,
      `upper(${column})`,
      `upper((${column})::text)`,
      `((${column})::text)`,
    ].includes(text);
  });
}

/** What is left of an effect behind lower() or upper(), or for a type that knows no case. */
function through({ effect, masker }: Affected, isExpression: boolean, isFolded: boolean): Effect {
  if (effect === "injective but for case" && isFolded) return "injective";
  if (!isExpression || effect === "kept") return effect;
  // Masks without capitals stay different behind lower(); of others that is not known.
  return (effect === "of its own" || effect === "injective") && masker?.isLowerCase !== true
    ? "lossy"
    : effect;
}

function isCaseless({ catalog }: Compilation, table: Table, name: string): boolean {
  const column = table.columns.find((one) => one.name === name);
  return column !== undefined && catalog.types.get(column.type)?.name === "citext";
}

/** Columns that stay as they are hold another whole unique key: the rest of this one does not matter. */
function hasKeptKey(
  compilation: Compilation,
  table: Table,
  affected: readonly { readonly name: string; readonly effect: Effect }[],
): boolean {
  const kept = affected
    .filter(({ effect }) => effect === "kept" || effect === "injective")
    .map(({ name }) => name);
  return table.uniques.some(
    (other) =>
      other.predicate === null &&
      other.columns.every((column) => column !== null && kept.includes(column)) &&
      other.uses.every((column) =>
        ["kept", "injective", "of its own"].includes(affect(compilation, table, column).effect),
      ),
  );
}

function proveExclusion(compilation: Compilation, table: Table, exclusion: Exclusion): Finding[] {
  const used = table.columns
    .map(({ name }) => name)
    .filter((name) =>
      new RegExp(
        `(?<![\\w"])${ident(name).replaceAll(/[$^.*+?()[\]{}|\\]/g, "\\$&")}(?![\\w"])`,
      ).test(exclusion.definition),
    );
  const equal = exclusion.columns.filter(
    (name, n) => name !== null && exclusion.operators[n] === "=",
  );
  const broken = used
    .map((name) => ({ name, ...affect(compilation, table, name) }))
    .find(({ name, effect, rule }) => {
      if (effect === "kept") return false;
      if (equal.includes(name)) return effect !== "injective" && effect !== "of its own";
      // Dates of one subject move together: what did not overlap does not overlap then.
      const by = rule?.masker === "date_shift" ? rule.options.by : undefined;
      return by === undefined || !equal.includes(by);
    });
  if (!broken) return [];
  const object = `${nameOf(rootOf(compilation.catalog, table))}.${broken.name}`;
  return [
    {
      rule: "masking/exclusion",
      severity: "error",
      message: `${object} is part of the exclusion ${exclusion.name}, which its mask may break`,
      hint: `keep it, or shift its dates together: {mask: date_shift, by: ${equal[0] ?? "<a column compared with =>"}}`,
      at: broken.rule?.at,
      object,
    },
  ];
}
