/**
 * The SQL that makes a partition: LIKE, then everything a leaf must have, then ATTACH.
 *
 * CREATE TABLE … PARTITION OF would take ACCESS EXCLUSIVE on the parent; ATTACH takes SHARE UPDATE
 * EXCLUSIVE, beside which reads and writes go on. It comes last, so that nobody ever reaches a
 * partition without row level security or with the grants of default privileges.
 */
import { ident, qualified } from "../../db/identifier.ts";
import type { PolicyStep } from "../step.ts";
import type { MissingLeaf } from "./leaf.ts";
import type { LeafState, TableState } from "./state.ts";

/** The name of the CHECK that saves a scan of the default partition. */
export const guardName = "pgwright_no_rows_yet";

export type LeafStep = Omit<PolicyStep, "part">;

/** What all steps of one partition share. */
function stepsOf(state: TableState, name: string) {
  const object = qualified(state.declared.schema, name);
  const base = {
    object,
    role: state.owner,
    unit: `partition ${object}`,
    at: state.declared.at,
  } as const;
  return (sql: string, why: string, more: Partial<LeafStep> = {}): LeafStep => ({
    ...base,
    sql,
    why,
    ...more,
  });
}

/** Everything up to the ATTACH: a table like its parent that nobody else can reach. */
export function createTableSteps(state: TableState, name: string, why: string): LeafStep[] {
  const step = stepsOf(state, name);
  const leaf = qualified(state.declared.schema, name);
  const model = state.leaves.findLast(({ kind, isDefault }) => kind === "r" && !isDefault);
  const steps = [step(createSql(state, leaf, model), why)];
  if (state.hasRls) {
    steps.push(
      step(`alter table ${leaf} enable row level security`, "its parent has row level security"),
    );
  }
  if (state.grantees.length > 0) {
    steps.push(
      step(
        `revoke all on table ${leaf} from ${state.grantees.map(roleSql).join(", ")}`,
        "default privileges let them in; rows are reached through the parent",
      ),
    );
  }
  for (const trigger of model?.statementTriggers ?? []) {
    steps.push(
      step(
        trigger.replace("{leaf}", () => leaf),
        `as ${model?.sql}`,
      ),
    );
  }
  if (model && (model.replicaIdentity === "f" || model.replicaIdentity === "n")) {
    const identity = model.replicaIdentity === "f" ? "full" : "nothing";
    steps.push(step(`alter table ${leaf} replica identity ${identity}`, `as ${model.sql}`));
  }
  return steps;
}

/**
 * The statements that make it a partition. FORCE comes after the ATTACH, in the same transaction:
 * the check of the foreign keys reads as the owner, who under FORCE sees nothing unless he has
 * BYPASSRLS, and is refused with row_security = off. Until the commit nobody sees the partition.
 */
export function attachSteps(
  state: TableState,
  name: string,
  bound: string,
  why: string,
): LeafStep[] {
  const leaf = qualified(state.declared.schema, name);
  const step = stepsOf(state, name);
  const attach = step(`alter table ${state.sql} attach partition ${leaf} ${bound}`, why);
  if (!state.hasRls) return [attach];
  return [
    attach,
    step(`alter table ${leaf} force row level security`, "its parent has row level security"),
  ];
}

export function createLeafSteps(state: TableState, missing: MissingLeaf): LeafStep[] {
  return [
    ...createTableSteps(state, missing.name, missing.why),
    ...attachSteps(state, missing.name, missing.bound, missing.why),
  ];
}

/** The default partition itself, where one is declared and there is none. */
export function createDefaultSteps(state: TableState, name: string): LeafStep[] {
  const why = "a default partition is declared";
  return [...createTableSteps(state, name, why), ...attachSteps(state, name, "default", why)];
}

/** What a partition that is there lacks of its parent, and the grants it has too many. */
export function repairLeafSteps(state: TableState, leaf: LeafState): LeafStep[] {
  const step = stepsOf(state, leaf.name);
  const more = { object: leaf.sql, role: leaf.owner, unit: `partition ${leaf.sql}` };
  const steps: LeafStep[] = [];
  if (state.hasRls && !leaf.hasRls) {
    const why = "its parent's policies do not protect it when it is reached by name";
    steps.push(step(`alter table ${leaf.sql} enable row level security`, why, more));
  }
  if (state.hasRls && !leaf.isForced) {
    const why = "its owner is not held to row level security";
    steps.push(step(`alter table ${leaf.sql} force row level security`, why, more));
  }
  if (leaf.grantees.length > 0) {
    const who = leaf.grantees.map(roleSql).join(", ");
    steps.push(
      step(
        `revoke all on table ${leaf.sql} from ${who}`,
        "a partition is reached through its parent only",
        // A unit of its own: what runs only with --prune must not hold up the rest.
        { ...more, unit: `grants on ${leaf.sql}`, extra: "security" },
      ),
    );
  }
  return steps;
}

/**
 * A validated CHECK on a big default partition that says it has no rows of these ranges, so that
 * ATTACH need not scan it under ACCESS EXCLUSIVE. Adding it is brief, VALIDATE blocks nobody; until
 * it is dropped again a row of these ranges is refused, so it is used only for the future.
 */
export function guardSteps(
  state: TableState,
  fallback: LeafState,
  condition: string,
): { readonly before: LeafStep[]; readonly after: LeafStep[] } {
  const step = stepsOf(state, fallback.name);
  const alter = `alter table ${fallback.sql}`;
  const why = "the attach then need not scan the default partition";
  const unit = (what: string) => ({ object: fallback.sql, unit: `${what} ${fallback.sql}` });
  return {
    before: [
      step(
        `${alter} add constraint ${guardName} check (not (${condition})) not valid`,
        why,
        unit("guard"),
      ),
      step(`${alter} validate constraint ${guardName}`, why, unit("validate")),
    ],
    after: [dropGuardStep(state, fallback, "every partition is attached")],
  };
}

export function dropGuardStep(state: TableState, fallback: LeafState, why: string): LeafStep {
  return stepsOf(state, fallback.name)(
    `alter table ${fallback.sql} drop constraint ${guardName}`,
    why,
    {
      object: fallback.sql,
      unit: `unguard ${fallback.sql}`,
    },
  );
}

export function defaultOf(state: TableState): LeafState | undefined {
  return state.leaves.find(({ isDefault }) => isDefault);
}

/**
 * Identity is left out: before 17 a partition takes its values through the parent, from 17 on ATTACH
 * gives it the parent's and refuses a table that has one. Storage parameters cannot be set on a
 * partitioned table, so they come from the newest partition.
 */
function createSql(state: TableState, leaf: string, model: LeafState | undefined): string {
  const { tablespace, accessMethod, sql } = state;
  const like = ["defaults", "generated", "constraints", "storage", "compression", "comments"].map(
    (what) => `including ${what}`,
  );
  return [
    `create table ${leaf} (like ${sql} ${like.join(" ")})`,
    ...(accessMethod === null ? [] : [`using ${ident(accessMethod)}`]),
    ...(model && model.options.length > 0 ? [`with (${model.options.join(", ")})`] : []),
    ...(tablespace === null ? [] : [`tablespace ${ident(tablespace)}`]),
  ].join(" ");
}

function roleSql(role: string): string {
  return role === "" ? "public" : ident(role);
}
