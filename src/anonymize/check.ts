/** Whether the rules fit the database and leave nobody recognisable: what CI asks. */
import type { Session } from "../db/session.ts";
import type { EventListener } from "../events.ts";
import type { Finding } from "../findings.ts";
import { placeOf } from "../pii/ignore.ts";
import type { Compiled } from "./compile/compile.ts";
import { readKey } from "./key.ts";
import { checkLogging } from "./logging.ts";
import { maskerNamed } from "./maskers/list.ts";
import { findPersonal, type PersonalData, sayEntity, sayPersonal } from "./personal.ts";
import { inspectMasking } from "./plan.ts";
import { ruleFor, stepsOf } from "./rules/cover.ts";
import type { MaskingRules } from "./rules/rule.ts";

export interface CheckOptions {
  readonly rules: MaskingRules;
  readonly ledger: { readonly schema: string; readonly table: string };
  /** Made from the migrations for this check: its server is not the one that will be read. */
  readonly isScratch: boolean;
  readonly events?: EventListener | undefined;
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
  const { rules, ledger, isScratch, events } = options;
  const key = await readKey({ variable: undefined, file: undefined, isEphemeral: true });
  const { ignored, unclassified } = rules;
  const personal = await findPersonal(session, { ledger, ignored, readsRows: !isScratch, events });
  const { compiled, findings } = await inspectMasking(session, { rules, key, ledger, personal });
  const all = [
    ...findings,
    ...findUncovered(compiled, personal, unclassified === "keep" ? "warning" : "error"),
    ...findWeak(compiled, personal).map((one) => ({ ...one, source: rules.source })),
    ...personal.problems,
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

/** Paths that hold personal data, in documents whose rules leave them as they are. */
function findUncovered(
  { catalog, rules }: Compiled,
  personal: PersonalData,
  severity: "error" | "warning",
): Finding[] {
  return catalog.tables.flatMap((table) =>
    table.columns.flatMap(({ name }) => {
      const paths = rules.of(table, name)?.paths ?? [];
      if (paths.length === 0 || table.isPartition) return [];
      return personal.of(table, name).flatMap((found): Finding[] => {
        const steps = found.path === undefined ? [] : stepsOf(name, found.path);
        if (ruleFor(paths, steps)) return [];
        const object = placeOf(found);
        return [
          {
            rule: "masking/personal-path",
            severity,
            message: `${object} ${sayPersonal(found)}, and no rule of ${name} speaks of it`,
            hint: `write a rule for it beside the others, or "${name}.**": scramble for all that they do not name; what is kept needs a \`reason\``,
            object,
          },
        ];
      });
    }),
  );
}

/** What says by itself who it is needs a mask that leaves nothing of it. */
function findWeak({ catalog, rules, domains }: Compiled, personal: PersonalData): Finding[] {
  return catalog.tables.flatMap((table) =>
    table.columns.flatMap(({ name }): Finding[] => {
      if (table.isPartition) return [];
      const said = rules.of(table, name);
      for (const found of personal.of(table, name).filter(({ direct }) => direct)) {
        const rule =
          said && said.paths.length > 0
            ? ruleFor(said.paths, found.path === undefined ? [] : stepsOf(name, found.path))
            : (said?.whole ?? domains.of(table, name).rule);
        const strength = rule && maskerNamed(rule.masker)?.strength;
        if (!rule || strength !== "weak" || rule.reason !== undefined) continue;
        const object = placeOf(found);
        return [
          {
            rule: "masking/weak",
            severity: "error",
            message: `${object} is ${sayEntity(found.entity)}, which says who somebody is, and \`${rule.masker}\` leaves something of it`,
            hint: "choose a stronger masker, or give the rule a `reason`",
            at: rule.at,
            object,
          },
        ];
      }
      return [];
    }),
  );
}
