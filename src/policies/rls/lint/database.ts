/** What the rules judge: policies with parsed expressions, and everything around their tables. */
import { loadParser } from "../../../db/script.ts";
import type { Session } from "../../../db/session.ts";
import { valuesOf } from "../../../db/tree.ts";
import type { PlanContext } from "../../step.ts";
import listDefiners from "./definers.sql";
import { callOf, parseExpression, type Call, type Expression } from "./expression.ts";
import describeFunctions from "./functions.sql";
import listIndexes from "./indexes.sql";
import listPolicies from "./policies.sql";
import { readSurroundings, type Surroundings } from "./surroundings.ts";
import listTables from "./tables.sql";
import listViews from "./views.sql";

/** Names are SQL, `schema.name`, unless they are called bare. */
export interface Table {
  readonly oid: string;
  readonly name: string;
  readonly bareName: string;
  readonly owner: string;
  readonly isOn: boolean;
  readonly isForced: boolean;
  readonly isPartition: boolean;
  /** The planner's estimate; -1 where the table was never analyzed. */
  readonly rows: number;
  readonly rootOid: string;
  readonly root: string;
  readonly isRootOn: boolean;
  /** Roles besides the owner that hold a right and for whom policies hold. */
  readonly grantees: readonly string[];
  /** Bare names of columns that lead a valid index over all rows. */
  readonly leadingColumns: readonly string[];
}

export interface Policy {
  readonly table: Table;
  readonly name: string;
  readonly command: "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "ALL";
  readonly isPermissive: boolean;
  readonly roles: readonly string[];
  /** Only for roles that would see everything anyway. */
  readonly isForOwner: boolean;
  readonly using: Expression | undefined;
  readonly check: Expression | undefined;
}

export interface Index {
  readonly tableOid: string;
  readonly name: string;
  readonly method: string;
  /** Where its first key is no column. */
  readonly expression: string | null;
  readonly column: string;
  readonly hasLeakproofOperator: boolean;
}

/** A view that reads tables as somebody for whom row security does not hold. */
export interface View {
  readonly name: string;
  readonly isMaterialized: boolean;
  readonly tables: readonly string[];
  readonly tableOids: readonly string[];
  readonly readers: readonly string[];
  readonly grantees: readonly string[];
}

export interface Definer {
  readonly name: string;
  readonly signature: string;
  readonly kind: "FUNCTION" | "PROCEDURE";
  readonly isTrigger: boolean;
  readonly grantees: readonly string[];
}

interface FunctionTraits {
  /** 0 immutable, 1 stable, 2 volatile; of functions with that name the worst. */
  readonly volatility: number;
  readonly isLeakproof: boolean;
}

export interface PolicyDatabase extends Surroundings {
  readonly tables: readonly Table[];
  readonly policies: readonly Policy[];
  readonly indexes: readonly Index[];
  readonly views: readonly View[];
  readonly definers: readonly Definer[];
  traitsOf(call: Call): FunctionTraits;
}

interface PolicyRow extends Omit<Policy, "table" | "using" | "check"> {
  readonly tableOid: string;
  readonly using: string | null;
  readonly check: string | null;
}

interface TraitsRow extends FunctionTraits {
  readonly schema: string | null;
  readonly name: string;
}

/**
 * Reads the catalog; with `only`, what concerns those tables and their partitions. `managed` are the
 * schemas that the files name.
 */
export async function readPolicyDatabase(
  context: PlanContext,
  managed: ReadonlySet<string>,
): Promise<PolicyDatabase> {
  const { session, only } = context;
  await loadParser();
  const isWanted = (root: string) => only === undefined || only.has(Number(root));
  const tables = (await session.query<Table>(listTables)).filter(({ rootOid }) =>
    isWanted(rootOid),
  );
  const byOid = new Map(tables.map((table) => [table.oid, table]));
  const policies = (await session.query<PolicyRow>(listPolicies)).flatMap(
    ({ tableOid, using, check, ...row }): Policy[] => {
      const table = byOid.get(tableOid);
      if (table === undefined) return [];
      return [
        {
          ...row,
          table,
          using: using === null ? undefined : parseExpression(using),
          check: check === null ? undefined : parseExpression(check),
        },
      ];
    },
  );
  const indexes = (await session.query<Index>(listIndexes)).filter(({ tableOid }) =>
    byOid.has(tableOid),
  );
  const views = (await session.query<View>(listViews)).filter(({ tableOids }) =>
    tableOids.some(isWanted),
  );
  const definers = only === undefined ? await session.query<Definer>(listDefiners) : [];
  const expressions = [
    ...policies.flatMap(({ using, check }) => [using?.node, check?.node]),
    ...indexes.map(({ expression }) => expression && parseExpression(expression).node),
  ];
  return {
    tables,
    policies,
    indexes,
    views,
    definers,
    ...(await readSurroundings(context, managed)),
    traitsOf: await readTraits(session, expressions),
  };
}

async function readTraits(
  session: Session,
  roots: readonly unknown[],
): Promise<PolicyDatabase["traitsOf"]> {
  const keyOf = (schema: string | null, name: string) => JSON.stringify([schema, name]);
  const calls = (valuesOf(roots, "FuncCall") as object[]).flatMap(
    (node) => callOf({ FuncCall: node }) ?? [],
  );
  const keys = new Set(calls.map(({ schema, name }) => keyOf(schema, name)));
  const rows =
    keys.size === 0
      ? []
      : await session.query<TraitsRow>(describeFunctions, [`[${[...keys].join(",")}]`]);
  const traits = new Map(rows.map((row) => [keyOf(row.schema, row.name), row]));
  const unknown = { volatility: 2, isLeakproof: false };
  return ({ schema, name }) => traits.get(keyOf(schema, name)) ?? unknown;
}
