/** What is amiss with the partitions of a table, in words. */
import { qualified } from "../../db/identifier.ts";
import type { Finding, Severity } from "../../findings.ts";
import type { RangeComparison } from "./compare-range.ts";
import type { DeclaredTable } from "./declared.ts";
import type { DefaultRows } from "./default-rows.ts";
import { describeRows } from "./default-rows.ts";
import type { MissingLeaf } from "./leaf.ts";
import { defaultOf } from "./leaf-steps.ts";
import { describeSpan } from "./span.ts";
import type { LeafState, TableState } from "./state.ts";

export interface Judged {
  readonly declared: DeclaredTable;
  readonly state: TableState;
  readonly range: RangeComparison | undefined;
  readonly defaultRows: DefaultRows;
  /** Wanted names that something else has. */
  readonly taken: ReadonlySet<string>;
  readonly compared: {
    readonly missing: readonly MissingLeaf[];
    /** Differences of bounds that nothing but moving rows can mend. */
    readonly others: readonly string[];
  };
}

const maintain = "`pgwright partitions maintain`";

export function judgeTable(judged: Judged): Finding[] {
  const { declared, state, range, taken, compared } = judged;
  const found = foundIn(judged);
  return [
    ...compared.others.map((message) => ({
      ...found(
        "bounds",
        "error",
        message,
        "declare it as it is in partitions.yaml; or move its rows into a table that is partitioned as declared, which no statement of apply does",
      ),
      at: declared.at,
    })),
    ...[...taken].map((name) =>
      found(
        "name-taken",
        "error",
        `${qualified(declared.schema, name)} exists and is no partition of ${state.sql}, which needs that name for one`,
        "rename it, or attach it as the partition it was",
      ),
    ),
    ...judgeDefault(judged),
    ...(range ? judgeRange(judged, range) : []),
    ...state.leaves.flatMap((leaf) => judgeLeaf(judged, leaf)),
  ];
}

/**
 * These are about the database. A place in the file is for mistakes in the file: with one, `policies
 * apply` would refuse to do anything at all.
 */
function foundIn({ state }: Judged) {
  return (
    problem: string,
    severity: Severity,
    message: string,
    hint?: string,
    object = state.sql,
  ): Finding => ({
    rule: `partitions/${problem}`,
    severity,
    message,
    hint,
    object,
  });
}

function judgeDefault(judged: Judged): Finding[] {
  const { declared, state, defaultRows, compared } = judged;
  const found = foundIn(judged);
  const fallback = defaultOf(state);
  if (!fallback) return [];
  const findings: Finding[] = [];
  if (!declared.hasDefault) {
    findings.push(
      found(
        "default-undeclared",
        "warning",
        `${fallback.sql} is a default partition, which is not declared`,
        `declare it with \`default: true\`, or detach it: while it exists no partition is detached without a brief ACCESS EXCLUSIVE lock`,
        fallback.sql,
      ),
    );
  }
  const { count, blocking } = defaultRows;
  if (count === null) {
    const why = fallback.hidesRows ? "row level security hides its rows from" : "it is closed to";
    findings.push(
      found(
        "default-unread",
        "warning",
        `the rows in ${fallback.sql} cannot be counted: ${why} this role`,
        "connect as a role with BYPASSRLS that may read it",
        fallback.sql,
      ),
    );
  } else if (blocking.size > 0) {
    const names = compared.missing.filter((leaf) => blocking.has(leaf)).map(({ name }) => name);
    findings.push(
      found(
        "default-blocks",
        "error",
        `${fallback.sql} holds rows that belong to ${names.length === 1 ? "the missing partition" : "the missing partitions"} ${listNames(names)}`,
        `${maintain} moves them and creates ${names.length === 1 ? "it" : "them"}`,
        fallback.sql,
      ),
    );
  } else if (count > 0) {
    findings.push(
      found(
        "default-rows",
        "warning",
        `${fallback.sql} holds ${describeRows(count)} that no declared partition takes`,
        declared.by === "range"
          ? declared.retention
            ? `set \`start:\` to the time of the oldest, as far back as the ${describeSpan(declared.retention.keep)} of \`retention.keep\` go; delete or archive what is older, or keep more`
            : "set `start:` to the time of the oldest, or correct the rows"
          : "declare their values, or correct the rows",
        fallback.sql,
      ),
    );
  }
  return findings;
}

/**
 * Coverage that a step brings about is no finding of its own: the step says so. What is left is what
 * no statement can mend.
 */
function judgeRange(judged: Judged, range: RangeComparison): Finding[] {
  const { declared, state, taken, defaultRows } = judged;
  if (declared.by !== "range") return [];
  const found = foundIn(judged);
  const findings: Finding[] = [];
  const isStuck = range.missing.some(
    (leaf) => taken.has(leaf.name) || defaultRows.blocking.has(leaf) || leaf.grows !== null,
  );
  if (isStuck && range.daysLeft < range.daysWanted) findings.push(judgeCoverage(judged, range));
  for (const { leaf } of range.endless) {
    findings.push(
      found(
        "endless",
        "warning",
        `${leaf.sql} has no upper end: it takes every later row, and no partition can be added after it`,
        `detach it and attach it again with an end; ${maintain} then goes on`,
        leaf.sql,
      ),
    );
  }
  for (const { leaf, from, to } of range.shifted) {
    if (range.missing.some(({ grows }) => grows?.oid === leaf.oid)) continue;
    findings.push(
      found(
        "bounds",
        "warning",
        `${leaf.sql} goes from ${from.text} to ${to.text}, which are not the bounds of a ${declared.every} in ${declared.timeZone}`,
        "declare the time zone and the length it was made with; nothing has to be changed in the database",
        leaf.sql,
      ),
    );
  }
  if (range.due.length > 0 && declared.retention) {
    const { keep, drop } = declared.retention;
    findings.push(
      found(
        "retention",
        "info",
        `${listNames(range.due.map(({ leaf }) => leaf.sql))} of ${state.sql} ${range.due.length === 1 ? "is" : "are"} older than the ${describeSpan(keep)} to keep`,
        `${maintain} ${drop ? "drops" : "detaches"} ${range.due.length === 1 ? "it" : "them"}`,
      ),
    );
  }
  return findings;
}

/** How many days are left until rows have no partition; an error when that is less than declared. */
export function judgeCoverage(judged: Judged, range: RangeComparison): Finding {
  const { state } = judged;
  const days = `${range.daysLeft} ${range.daysLeft === 1 ? "day" : "days"}`;
  const message =
    range.daysLeft === 0
      ? `${state.sql} has no partition for today or the days to come`
      : `the partitions of ${state.sql} end in ${days}; ${range.daysWanted} are wanted`;
  return foundIn(judged)("running-out", "error", message, maintain);
}

function judgeLeaf(judged: Judged, leaf: LeafState): Finding[] {
  const { state } = judged;
  const found = foundIn(judged);
  const findings: Finding[] = [];
  if (leaf.isDetaching) {
    findings.push(
      found(
        "detaching",
        "error",
        `${leaf.sql} is half detached from ${state.sql}: its rows no longer show there, and no other partition can be detached`,
        `${maintain} ends it, or \`alter table ${state.sql} detach partition ${leaf.sql} finalize\``,
        leaf.sql,
      ),
    );
  }
  if (leaf.owner !== state.owner) {
    findings.push(
      found(
        "owner",
        "warning",
        `${leaf.sql} belongs to ${leaf.owner}, its parent to ${state.owner}`,
        `\`alter table ${leaf.sql} owner to …\``,
        leaf.sql,
      ),
    );
  }
  if (leaf.policies.length > 0) {
    findings.push(
      found(
        "leaf-policy",
        "warning",
        `${leaf.sql} has policies of its own (${listNames(leaf.policies)}), which count only where it is reached by name`,
        "drop them: policies belong on the parent",
        leaf.sql,
      ),
    );
  }
  if (leaf.lackedIndexes.length > 0) {
    findings.push(
      found(
        "index-missing",
        "warning",
        `${leaf.sql} has no valid index for ${listNames(leaf.lackedIndexes)} of its parent`,
        "`pgwright indexes repair`",
        leaf.sql,
      ),
    );
  }
  for (const { name, here } of leaf.triggerStates) {
    const is = here === "D" ? "is disabled" : "fires at other times";
    findings.push(
      found(
        "trigger-state",
        "warning",
        `the trigger ${name} ${is} on ${leaf.sql} and not on its parent`,
        `\`alter table ${leaf.sql} enable trigger …\``,
        leaf.sql,
      ),
    );
  }
  return findings;
}

function listNames(names: readonly string[]): string {
  const most = 5;
  const rest = names.length - most;
  return rest <= 0 ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${rest} more`;
}
