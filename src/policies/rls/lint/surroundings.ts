/** What stands around the policies: tables without any, the ledger, schemas, functions, views. */
import type { PlanContext } from "../../step.ts";
import listBareTables from "./bare-tables.sql";
import listCallers from "./callers.sql";
import listViews from "./invoker-views.sql";
import listLedgerRights from "./ledger-rights.sql";
import listOpenSchemas from "./open-schemas.sql";
import listDefiners from "./outside-definers.sql";

/** A table without row security that others may reach, beside one that has it. */
export interface BareTable {
  readonly oid: string;
  readonly name: string;
  readonly bareName: string;
  /** As it is called, unquoted. */
  readonly schema: string;
  readonly grantees: readonly string[];
  /** The first table of the schema that has row security. */
  readonly beside: string;
}

export interface LedgerRight {
  readonly name: string;
  readonly isSequence: boolean;
  readonly grantee: string;
  readonly privileges: readonly string[];
}

/** A SECURITY DEFINER function that others may run, in a schema that no file of `policies/` names. */
export interface OutsideDefiner {
  readonly name: string;
  readonly signature: string;
  readonly kind: "FUNCTION" | "PROCEDURE";
  readonly owner: string;
  /** Row security does not hold for the owner. */
  readonly isOwnerExempt: boolean;
  readonly body: string;
  /** What a body that is no text depends on. */
  readonly tableOids: readonly string[];
  readonly grantees: readonly string[];
}

export interface Surroundings {
  readonly bareTables: readonly BareTable[];
  readonly ledgerRights: readonly LedgerRight[];
  readonly outsideDefiners: readonly OutsideDefiner[];
  /** Schemas that sessions search and in which PUBLIC may create. */
  readonly openSchemas: readonly string[];
  /** Views with security_invoker, and the tables and views that they read. */
  readonly invokerViews: ReadonlyMap<string, readonly string[]>;
  /** Roles with policies as they come together in one caller: a login role may be in several. */
  readonly callers: readonly (readonly string[])[];
}

/** Reads the catalog; with `only`, nothing but what recursion needs and tables among them. */
export async function readSurroundings(
  { session, ledger, only, ownerRole }: PlanContext,
  managed: ReadonlySet<string>,
): Promise<Surroundings> {
  const isWhole = only === undefined;
  const bare = await session.query<BareTable>(listBareTables);
  const views = await session.query<{ name: string; relations: string[] }>(listViews);
  const callers = await session.query<{ roles: string }>(listCallers);
  const isLedger = ({ schema, bareName }: BareTable) =>
    schema === ledger.schema && [ledger.table, `${ledger.table}_log`].includes(bareName);
  return {
    bareTables: bare.filter(
      (table) => !isLedger(table) && (isWhole || only.has(Number(table.oid))),
    ),
    ledgerRights: isWhole
      ? await session.query<LedgerRight>(listLedgerRights, [
          ledger.schema,
          ledger.table,
          ownerRole ?? null,
        ])
      : [],
    outsideDefiners: isWhole
      ? await session.query<OutsideDefiner>(listDefiners, [JSON.stringify([...managed])])
      : [],
    openSchemas: isWhole
      ? (await session.query<{ name: string }>(listOpenSchemas)).map(({ name }) => name)
      : [],
    invokerViews: new Map(views.map(({ name, relations }) => [name, relations])),
    callers: callers.map(({ roles }) => JSON.parse(roles) as string[]),
  };
}
