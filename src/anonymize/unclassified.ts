/** Columns that can hold personal data and that no rule speaks of. */
import type { Finding } from "../findings.ts";
import type { Catalog, Column, Table } from "./catalog.ts";
import { homeOf, nameOf, rootOf } from "./catalog.ts";
import type { Domains } from "./domains.ts";
import { type PersonalData, sayPersonal } from "./personal.ts";
import { placeOf } from "../pii/ignore.ts";
import type { PiiFinding } from "../pii/report.ts";
import type { ResolvedRules } from "./rules/resolve.ts";
import type { MaskingRules, Rule } from "./rules/rule.ts";
import { type Kind, type ValueType, valueType } from "./type-kind.ts";

export interface Unclassified {
  readonly table: Table;
  readonly column: Column;
  readonly type: ValueType;
  /** The surest of what it seems to hold; undefined where only its type could hold anything. */
  readonly personal: PiiFinding | undefined;
  /** What its name says, and a sample of its rows does not; a run asks its name alone. */
  readonly overruled?: PiiFinding | undefined;
}

/** Types whose values may be anything. Numbers, times and identifiers say by their names what they are. */
const free: readonly Kind[] = ["text", "json", "bytes", "network", "mac", "other"];

/** Every column without a rule that seems to be personal, or whose type may hold anything. */
export function findUnclassified(
  { catalog, personal }: { readonly catalog: Catalog; readonly personal: PersonalData },
  rules: ResolvedRules,
  domains: Domains,
): Unclassified[] {
  return catalog.tables.flatMap((table) =>
    table.columns.flatMap((column): Unclassified[] => {
      const said = rules.of(table, column.name);
      const domain = domains.of(table, column.name);
      // A column that refers to another is what that is, and an heir is what its parent's is.
      const isFirst = homeOf(catalog, table, column.name).oid === table.oid;
      const end = domain.isForeign ? domain.label : `${nameOf(table)}.${column.name}`;
      if (said || domain.rule || column.generated !== null || !isFirst) return [];
      if (end !== `${nameOf(table)}.${column.name}` || isMirrored(catalog, rules, table, column))
        return [];
      const type = valueType(catalog, column.type, column.modifier, column.typeName);
      const [found] = personal.of(table, column.name);
      const kind = type.element?.kind ?? type.kind;
      if (
        found === undefined &&
        (!isFree(catalog, column, kind) || isListed(catalog, table, column))
      ) {
        const overruled = personal.overruled(table, column.name);
        return overruled ? [{ table, column, type, personal: undefined, overruled }] : [];
      }
      return [{ table, column, type, personal: found }];
    }),
  );
}

function isMirrored(catalog: Catalog, rules: ResolvedRules, table: Table, column: Column): boolean {
  const mirror = (rules.mirrors.get(table.oid) ?? rules.mirrors.get(rootOf(catalog, table).oid))
    ?.mirror;
  return mirror !== undefined && [mirror.table, mirror.key, ...mirror.values].includes(column.name);
}

/** Numbers and places of the system: nothing that a person is known by. */
const systemTypes =
  /^(?:oid|xid8?|cid|tid|pg_lsn|pg_snapshot|txid_snapshot|reg\w+|"char"|bit|varbit|(?:int[48]|num|date|tsz?)(?:multi)?range)$/;

function isFree({ types }: Catalog, { type }: Column, kind: Kind): boolean {
  const found = types.get(type);
  return free.includes(kind) && !(found?.isBuiltIn === true && systemTypes.test(found.name));
}

/** A check of the table or of the domain lists its values: `role = ANY (ARRAY['user', 'admin'])`. */
function isListed({ types }: Catalog, table: Table, column: Column): boolean {
  const list = /^\(+"?\w+"?\)?(?:::text)?\)? = ANY \(\(?ARRAY\[/;
  const ofDomain = types.get(column.type)?.checks ?? [];
  const ofTable = table.checks
    .filter(({ columns }) => columns.length === 1 && columns[0] === column.name)
    .map(({ expression }) => expression);
  return [...ofDomain, ...ofTable].some((expression) => list.test(expression));
}

/** Does with them what `defaults.unclassified` says: rules for them, or findings about them. */
export function settleUnclassified(
  found: readonly Unclassified[],
  { unclassified }: MaskingRules,
  rules: ResolvedRules,
): Finding[] {
  if (unclassified === "mask") {
    for (const one of found) {
      const rule = usualRule(one);
      const isPath = rule.path.steps.length > 0;
      rules.set(one.table, one.column.name, {
        whole: isPath ? undefined : rule,
        paths: isPath ? [rule] : [],
        where: undefined,
      });
    }
    return [];
  }
  return found.map(({ table, column, personal, overruled }): Finding => {
    const object = `${nameOf(table)}.${column.name}`;
    if (overruled) {
      return {
        rule: "masking/personal-column",
        severity: unclassified === "fail" ? "error" : "warning",
        message: `${object} ${sayPersonal(overruled)}, a sample of its rows does not, and it has no rule`,
        hint: `under tables, ${nameOf(table)}, columns write: ${column.name}: {keep: true, reason: …}, or {mask: …}`,
        object,
      };
    }
    return {
      rule: personal === undefined ? "masking/unclassified" : "masking/personal-column",
      severity: unclassified === "fail" ? "error" : "warning",
      message:
        personal === undefined
          ? `${object} is ${column.typeName}, can hold anything and has no rule`
          : `${placeOf(personal)} ${sayPersonal(personal)} and has no rule`,
      hint: `under tables, ${nameOf(table)}, columns write: ${column.name}: {mask: …}, or {keep: true, reason: …}`,
      object,
    };
  });
}

const usual: Readonly<Partial<Record<Kind, string>>> = {
  text: "scramble",
  json: "scramble",
  network: "ip",
  mac: "mac",
  bytes: "hash",
  date: "date_shift",
  timestamp: "date_shift",
  uuid: "uuid",
  integer: "integer",
  number: "noise",
  enum: "choice",
  boolean: "choice",
};

function usualRule({ column, type }: Unclassified): Rule {
  const kind = type.element?.kind ?? type.kind;
  return {
    path: { column: column.name, steps: kind === "json" ? ["**"] : [] },
    masker: usual[kind] ?? "null",
    options: {},
    domain: undefined,
    isDeterministic: false,
    keep: [],
    reason: undefined,
    at: undefined,
  };
}
