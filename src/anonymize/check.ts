/** Whether the rules fit the database and leave nobody recognisable: what CI asks. */
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import type { Compiled } from "./compile/compile.ts";
import { readKey } from "./key.ts";
import { checkLogging } from "./logging.ts";
import { maskerNamed } from "./maskers/list.ts";
import { findPersonal } from "./personal.ts";
import { inspectMasking } from "./plan.ts";
import type { MaskingRules } from "./rules/rule.ts";

export interface CheckOptions {
  readonly rules: MaskingRules;
  readonly ledger: { readonly schema: string; readonly table: string };
  /** Made from the migrations for this check: its server is not the one that will be read. */
  readonly isScratch: boolean;
}

export interface MaskingCheck {
  readonly isSafe: boolean;
  readonly rulesFile: string;
  readonly tables: number;
  /** Columns of tables and partitions' roots that are masked, and those kept for a reason. */
  readonly masked: number;
  readonly kept: number;
  readonly findings: readonly Finding[];
}

/** Needs no key: whether masks fit does not depend on it, so one is made and forgotten. */
export async function checkMasking(session: Session, options: CheckOptions): Promise<MaskingCheck> {
  const { rules, ledger, isScratch } = options;
  const key = await readKey({ variable: undefined, file: undefined, isEphemeral: true });
  const { compiled, findings } = await inspectMasking(session, { rules, key, ledger });
  const all = [
    ...findings,
    ...findWeak(compiled).map((one) => ({ ...one, source: rules.source })),
    ...(isScratch ? [] : await checkLogging(session)),
  ];
  const columns = compiled.tables
    .filter(({ table }) => !table.isPartition)
    .concat(firstLeaves(compiled))
    .flatMap(({ masking }) => masking.columns);
  return {
    isSafe: !all.some(({ severity }) => severity === "error"),
    rulesFile: rules.file,
    tables: compiled.catalog.tables.filter(({ isPartition }) => !isPartition).length,
    masked: columns.filter(({ expression }) => expression !== undefined).length,
    kept: columns.filter((one) => one.expression === undefined && one.rules.length > 0).length,
    findings: all,
  };
}

/** One leaf for each partitioned table. */
function firstLeaves({ tables, catalog }: Compiled): Compiled["tables"][number][] {
  const seen = new Set<number>();
  return tables.filter(({ table }) => {
    if (!table.isPartition) return false;
    let root = table;
    while (root.parent !== null) root = catalog.byOid.get(root.parent) ?? { ...root, parent: null };
    const isNew = !seen.has(root.oid);
    seen.add(root.oid);
    return isNew;
  });
}

/** What says by itself who it is needs a mask that leaves nothing of it. */
function findWeak({ catalog, rules, domains }: Compiled): Finding[] {
  return findPersonal(catalog).flatMap(({ schema, table, column, entity, direct }): Finding[] => {
    const found = catalog.tables.find((one) => one.schema === schema && one.name === table);
    if (!direct || !found || found.isPartition) return [];
    const rule = rules.of(found, column)?.whole ?? domains.of(found, column).rule;
    const strength = rule && maskerNamed(rule.masker)?.strength;
    if (!rule || strength !== "weak" || rule.reason !== undefined) return [];
    const object = `${schema}.${table}.${column}`;
    return [
      {
        rule: "masking/weak",
        severity: "error",
        message: `${object} is ${entity}, which says who somebody is, and \`${rule.masker}\` leaves something of it`,
        hint: "choose a stronger masker, or give the rule a `reason`",
        at: rule.at,
        object,
      },
    ];
  });
}
