/** Which columns are masked alike, because foreign keys or `domain:` join them. */
import type { Finding } from "../findings.ts";
import type { Catalog, Table } from "./catalog.ts";
import { homeOf, nameOf } from "./catalog.ts";
import { maskerNamed } from "./maskers/list.ts";
import type { ResolvedRules } from "./rules/resolve.ts";
import type { Rule } from "./rules/rule.ts";
import type { Alike } from "./fold.ts";
import { valueType } from "./type-kind.ts";

/** Columns whose equal values become equal masks. */
export interface Domain extends Alike {
  /** What the key of its digests is derived with; the same as long as the columns are called so. */
  readonly label: string;
  /** The one rule of all of them; undefined where no column has one. */
  readonly rule: Rule | undefined;
  readonly members: readonly Member[];
  /** Equal values must become equal: more than one column, or said so. */
  readonly isShared: boolean;
  /** Shortest varchar(n) among them. */
  readonly maxLength: number | undefined;
  /** One of them is part of a unique key. */
  readonly isUnique: boolean;
  /** A foreign key is among what joins them. */
  readonly isForeign: boolean;
}

export interface Member {
  readonly table: Table;
  readonly column: string;
}

export interface Domains {
  of(table: Table, column: string): Domain;
  /** What counts as equal in the columns of a named domain; undefined where it has only paths. */
  named(name: string): Alike | undefined;
  readonly findings: readonly Finding[];
}

const keyOf = ({ table, column }: Member) => `${table.oid} ${column}`;

/** Union-find over the columns of root tables; leaves and heirs stand for their roots. */
export function joinDomains(catalog: Catalog, rules: ResolvedRules): Domains {
  const parents = new Map<string, string>();
  const members = new Map<string, Member>();
  const foreign = new Set<string>();
  const targets = new Set<string>();
  const find = (key: string): string => {
    const parent = parents.get(key) ?? key;
    if (parent === key) return key;
    const root = find(parent);
    parents.set(key, root);
    return root;
  };
  const home = (table: Table, column: string): Member => ({
    table: homeOf(catalog, table, column),
    column,
  });
  const join = (one: Member, other: Member) => parents.set(find(keyOf(one)), find(keyOf(other)));
  const named = new Map<string, Member>();
  for (const table of catalog.tables) {
    for (const { name } of table.columns) {
      const member = home(table, name);
      members.set(keyOf(member), member);
      const domain = rules.of(table, name)?.whole?.domain;
      if (domain === undefined) continue;
      const first = named.get(domain);
      if (first) join(member, first);
      else named.set(domain, member);
    }
    for (const { target, columns, targetColumns } of table.foreignKeys) {
      const other = catalog.byOid.get(target);
      if (!other) continue;
      for (const [n, column] of columns.entries()) {
        const here = home(table, column);
        const there = home(other, targetColumns[n] ?? "");
        foreign.add(keyOf(here));
        targets.add(keyOf(there));
        join(here, there);
      }
    }
  }
  const classes = new Map<string, Member[]>();
  for (const [key, member] of members) {
    const root = find(key);
    classes.set(root, [...(classes.get(root) ?? []), member]);
  }
  const findings: Finding[] = [];
  const byRoot = new Map<string, Domain>();
  const byName = new Map<string, Domain>();
  for (const [root, joined] of classes) {
    const sorted = joined.toSorted((one, other) => (fullName(one) < fullName(other) ? -1 : 1));
    const domain = describe(catalog, rules, sorted, { foreign, targets }, findings);
    byRoot.set(root, domain);
    for (const member of sorted) {
      const name = rules.of(member.table, member.column)?.whole?.domain;
      if (name !== undefined) byName.set(name, domain);
    }
  }
  return {
    of(table, column) {
      const domain = byRoot.get(find(keyOf(home(table, column))));
      if (!domain) throw new RangeError(`no column ${column} in ${nameOf(table)}`);
      return domain;
    },
    named: (name) => byName.get(name),
    findings,
  };
}

function fullName({ table, column }: Member): string {
  return `${nameOf(table)}.${column}`;
}

function describe(
  catalog: Catalog,
  rules: ResolvedRules,
  members: readonly Member[],
  keys: { readonly foreign: ReadonlySet<string>; readonly targets: ReadonlySet<string> },
  findings: Finding[],
): Domain {
  const ruled = members.flatMap((member) => {
    const rule = rules.of(member.table, member.column)?.whole;
    return rule ? [{ member, rule }] : [];
  });
  const [first] = ruled;
  for (const other of ruled.slice(1)) {
    if (first && !isSame(first.rule, other.rule)) findings.push(disagree(first, other));
  }
  const names = new Set(ruled.flatMap(({ rule }) => rule.domain ?? []));
  if (names.size > 1) findings.push(twoNames(ruled, names));
  const isForeign = members.some((one) => keys.foreign.has(keyOf(one)));
  // The column at the end of the foreign keys names the domain: tables that refer to it come and go.
  const ends = members.filter(
    (one) => keys.targets.has(keyOf(one)) && !keys.foreign.has(keyOf(one)),
  );
  const types = members.map(({ table, column }) => {
    const found = table.columns.find((one) => one.name === column);
    return found && valueType(catalog, found.type, found.modifier, found.typeName);
  });
  const collations = members.flatMap(({ table, column }) => {
    const found = table.columns.find((one) => one.name === column);
    return found?.blindCollation ?? [];
  });
  const lengths = types.flatMap((type) => type?.maxLength ?? []);
  const [end] = ends.length > 0 ? ends : members;
  return {
    label: [...names][0] ?? (end ? fullName(end) : ""),
    rule: first?.rule,
    members,
    isShared:
      members.length > 1 ||
      ruled.some(({ rule }) => rule.isDeterministic || rule.domain !== undefined),
    fold:
      (first && maskerNamed(first.rule.masker)?.fold) ??
      (types.some((type) => type?.base === "citext") ? "case" : "none"),
    collation: collations[0] ?? null,
    maxLength: lengths.length > 0 ? Math.min(...lengths) : undefined,
    isUnique: members.some(({ table, column }) =>
      table.uniques.some(({ uses }) => uses.includes(column)),
    ),
    isForeign,
  };
}

interface Ruled {
  readonly member: Member;
  readonly rule: Rule;
}

function isSame(one: Rule, other: Rule): boolean {
  return (
    one.masker === other.masker && JSON.stringify(one.options) === JSON.stringify(other.options)
  );
}

function disagree(one: Ruled, other: Ruled): Finding {
  const names = [fullName(one.member), fullName(other.member)] as const;
  return {
    rule: "masking/domain-disagrees",
    severity: "error",
    message: `${names[1]} is joined to ${names[0]} and has another rule: ${other.rule.masker}, not ${one.rule.masker}`,
    hint: "columns that a foreign key or `domain` joins are masked alike; take one of the rules out, or make them the same",
    at: other.rule.at,
    object: names[1],
  };
}

function twoNames(ruled: readonly Ruled[], names: ReadonlySet<string>): Finding {
  const last = ruled.findLast(({ rule }) => rule.domain !== undefined);
  return {
    rule: "masking/domain-names",
    severity: "error",
    message: `columns that a foreign key joins are given several domains: ${[...names].join(", ")}`,
    hint: "give them one name, or none",
    at: last?.rule.at,
    object: last && fullName(last.member),
  };
}
