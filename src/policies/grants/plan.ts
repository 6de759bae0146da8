/** What must be done so that exactly the declared rights are there. */
import { ident, qualified } from "../../db/identifier.ts";
import type { PartPlan, PlanContext, PolicyStep } from "../step.ts";
import type { DeclaredGrants } from "./declared.ts";
import { granteeSql, groupBy, isSame } from "./entries.ts";
import { addHeirs, heirsOf } from "./heirs.ts";
import type { Held, Removal } from "./heirs.ts";
import { findLogGrants } from "./log.ts";
import type { AuditLog } from "./log.ts";
import listObjects from "./objects.sql";
import { nameSql, targetSql } from "./object-name.ts";
import { findForeignOwners } from "./owners.ts";
import { planDefaults } from "./plan-defaults.ts";
import type { ObjectRow, ResolvedObject } from "./resolve.ts";
import { resolveGrants } from "./resolve.ts";
import type { Entry } from "./rights.ts";

export interface DeclaredAccess extends DeclaredGrants {
  /** Schemas that are held against the files: those that any statement of `policies/` names. */
  readonly schemas: ReadonlySet<string>;
  readonly log?: AuditLog | undefined;
}

type Draft = Pick<PolicyStep, "sql" | "why" | "extra" | "at" | "role">;

export async function planGrants(
  declared: DeclaredAccess,
  context: PlanContext,
): Promise<PartPlan> {
  const { session, only } = context;
  const ownerRole = context.ownerRole ?? session.server.role;
  const rows = (
    await session.query<ObjectRow>(listObjects, [JSON.stringify([...declared.schemas])])
  )
    .filter((row) => isManaged(row, declared, context))
    .map((row) =>
      isRelation(row) && `${row.schema}.${row.name}` === declared.log?.name
        ? { ...row, isLog: true }
        : row,
    );
  const { objects, defaults, findings } = await resolveGrants(session, declared, rows, ownerRole);
  const chosen = objects.filter(
    ({ row }) => only === undefined || (isRelation(row) && only.has(Number(row.root))),
  );
  // A table and its columns together, so that one statement can name them.
  const steps = groupBy(chosen, ({ row }) => JSON.stringify([targetSql(row)])).flatMap((group) => {
    const row = group[0]?.row;
    return row ? planObject(row, group, context).map((draft) => asStep(row, draft, rows)) : [];
  });
  // Whoever takes back what it has granted must find the table: its schema is closed last.
  const closes = ({ object, sql }: PolicyStep) =>
    object.startsWith("schema ") && sql.startsWith("REVOKE");
  const ordered = [
    ...steps.filter((step) => !closes(step)),
    ...steps.filter(closes).map((step) => ({ ...step, unit: "schemas" })),
  ];
  if (only !== undefined) {
    const touched = new Set(chosen.map(({ row }) => qualified(row.schema ?? "", row.name)));
    const about = findings.filter(({ object }) => object !== undefined && touched.has(object));
    return { steps: ordered, findings: about };
  }
  return {
    steps: [...ordered, ...(await planDefaults(context, declared, defaults))],
    findings: [
      ...findings,
      ...(declared.log ? await findLogGrants(session, objects, declared.log) : []),
      ...findForeignOwners(rows, context.ownerRole),
    ],
  };
}

function isManaged(row: ObjectRow, declared: DeclaredAccess, { ledger }: PlanContext): boolean {
  if (row.kind === "database") {
    return declared.grants.some(({ targets }) => targets.some(({ kind }) => kind === "database"));
  }
  return !(
    row.schema === ledger.schema &&
    [ledger.table, `${ledger.table}_log`, `${ledger.table}_log_id_seq`].includes(row.name)
  );
}

function isRelation({ kind }: ObjectRow): boolean {
  return kind === "table" || kind === "column" || kind === "sequence";
}

function asStep(row: ObjectRow, draft: Draft, rows: readonly ObjectRow[]): PolicyStep {
  const object = row.kind === "database" ? `database ${ident(row.name)}` : nameSql(row);
  const root = rows.find(({ oid, kind }) => oid === row.root && kind === "table");
  return {
    part: "grants",
    object,
    // None that blocks: none at all up to 17, ACCESS SHARE on 18.
    // With the rights of a table's rows, so that no role reaches a table before its policies hold.
    unit: root ? `table ${nameSql(root)}` : "grants",
    ...draft,
  };
}

type Difference = Held;

function planObject(
  row: ObjectRow,
  group: readonly ResolvedObject[],
  context: PlanContext,
): Draft[] {
  const { absentRoles, only } = context;
  // In the middle of a migration: PostgreSQL has carried the right over to the column's new name.
  const keepsColumns = only !== undefined && group.some(({ hasUnknownColumn }) => hasUnknownColumn);
  const at = group.findLast(({ statement }) => statement)?.statement?.at;
  // A database may belong to another role than the one that works here.
  const role = row.kind === "database" ? null : row.owner;
  const missing: Difference[] = [];
  const first: Removal[] = [];
  const present: Held[] = [];
  const declared = new Map<Held, Entry>();
  for (const { row: one, rights } of group) {
    const { column } = one;
    for (const wanted of rights.required()) {
      if (wanted.grantee !== null && absentRoles?.has(wanted.grantee)) continue;
      const has = one.present.filter((entry) => isSame(entry, wanted));
      if (has.some(({ isGrantable }) => isGrantable || !wanted.isGrantable)) continue;
      missing.push({ ...wanted, column, grantor: row.owner });
    }
    for (const found of one.present) {
      const entry: Held = { ...found, column };
      present.push(entry);
      const wanted = rights.get(entry.grantee, entry.privilege);
      if (wanted) {
        declared.set(entry, wanted);
        if (entry.isGrantable && !wanted.isGrantable) {
          first.push({ entry, takes: "option", reason: "option", extra: undefined });
        }
      } else if (rights.isRevoked(entry.grantee, entry.privilege) || one.isLeaf) {
        if (keepsColumns && column !== null) continue;
        first.push({ entry, takes: "right", reason: "revoked", extra: undefined });
      } else if (!isTakenForGranted(one, entry, context)) {
        // What PostgreSQL gives to PUBLIC by itself is an extra only where the files take it away.
        first.push({ entry, takes: "right", reason: "undeclared", extra: "security" });
      }
    }
  }
  const { removals, again } = addHeirs(first, present, (entry) => declared.has(entry));
  const change = (
    verb: "GRANT" | "REVOKE",
    differences: readonly Difference[],
    why: (who: string, what: string) => string,
    more: Pick<Draft, "extra"> & { readonly prefix?: string } = {},
  ): Draft[] =>
    sameForSeveral(differences).map(({ grantees, privileges, grantor, isGrantable }) => {
      const who = grantees.map(granteeSql).join(", ");
      const option = verb === "GRANT" && isGrantable ? " WITH GRANT OPTION" : "";
      const by = verb === "REVOKE" && grantor !== row.owner ? grantor : role;
      return {
        sql: `${verb} ${more.prefix ?? ""}${privileges} ON ${targetSql(row)} ${verb === "GRANT" ? "TO" : "FROM"} ${who}${option}`,
        why: why(who, privileges),
        role: by,
        at,
        ...(more.extra === undefined ? {} : { extra: more.extra }),
      };
    });
  const take = (same: readonly Removal[]): Draft[] => {
    const [one] = same;
    if (!one) return [];
    const hasHeirs = heirsOf(one.entry, present).length > 0;
    const whys: Record<Removal["reason"], (who: string, what: string) => string> = {
      undeclared: (who, what) => `${who}: ${what} is not declared`,
      revoked: (who, what) =>
        row.isLeaf ? `${who}: ${what} on the partition by name` : `${who}: ${what} is revoked`,
      option: (who, what) =>
        hasHeirs ? `${who} has granted ${what} on` : `${who} may grant ${what} on`,
      heir: (who, what) =>
        `${who}: ${what} comes from ${granteeSql(one.entry.grantor)}, who loses it`,
    };
    return change(
      "REVOKE",
      same.map(({ entry }) => entry),
      whys[one.reason],
      {
        ...(one.takes === "option" ? { prefix: "GRANT OPTION FOR " } : {}),
        ...(one.extra ? { extra: one.extra } : {}),
      },
    );
  };
  return [
    ...[undefined, "security" as const].flatMap((extra) =>
      change(
        "GRANT",
        again
          .filter((one) => one.extra === extra)
          .map(({ entry }) => ({
            ...entry,
            grantor: row.owner,
            isGrantable: declared.get(entry)?.isGrantable === true,
          })),
        (who, what) => `${who}: ${what} comes only from somebody who loses it`,
        extra ? { extra } : {},
      ),
    ),
    ...inRuns(removals, present).flatMap(take),
    ...change("GRANT", missing, (who, what) => `${who}: no ${what}`),
  ];
}

/** Removals that one statement can carry out, kept in their order where it matters. */
function inRuns(removals: readonly Removal[], present: readonly Held[]): Removal[][] {
  const depth = new Map<Held, number>();
  const depthOf = (entry: Held): number => {
    const known = depth.get(entry);
    if (known !== undefined) return known;
    depth.set(entry, 0);
    const heirs = removals.filter((one) => heirsOf(entry, present).includes(one.entry));
    const found = Math.max(0, ...heirs.map((one) => 1 + depthOf(one.entry)));
    depth.set(entry, found);
    return found;
  };
  const kinds = ["undeclared", "revoked", "heir", "option"];
  return groupBy(removals, ({ entry, reason, takes, extra }) =>
    JSON.stringify([
      depthOf(entry),
      kinds.indexOf(reason),
      // Of heirs the reason names who granted it.
      reason === "heir" ? entry.grantor : null,
      takes,
      extra,
      reason === "option" && heirsOf(entry, present).length > 0,
    ]),
  ).toSorted(([one], [other]) =>
    one && other
      ? depthOf(one.entry) - depthOf(other.entry) ||
        kinds.indexOf(one.reason) - kinds.indexOf(other.reason)
      : 0,
  );
}

/** One statement for all grantees that differ in the same rights; columns are listed per right. */
function sameForSeveral(differences: readonly Difference[]): {
  grantees: (string | null)[];
  privileges: string;
  grantor: string;
  isGrantable: boolean;
}[] {
  const perGrantee = groupBy(differences, ({ grantee, grantor, isGrantable }) =>
    JSON.stringify([grantee, grantor, isGrantable]),
  );
  const found = perGrantee.flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const privileges = groupBy(group, ({ privilege }) => privilege).map((same) => {
      const columns = same.flatMap(({ column }) => (column === null ? [] : [ident(column)]));
      const isWhole = same.some(({ column }) => column === null);
      const name = same[0]?.privilege ?? "";
      return isWhole ? name : `${name} (${columns.join(", ")})`;
    });
    return [{ ...first, privileges: privileges.join(", ") }];
  });
  return groupBy(found, ({ privileges, grantor, isGrantable }) =>
    JSON.stringify([privileges, grantor, isGrantable]),
  ).flatMap((same) => {
    const [first] = same;
    return first ? [{ ...first, grantees: same.map(({ grantee }) => grantee) }] : [];
  });
}

/** What nobody declares: PostgreSQL's own rights of PUBLIC, and that migrations create schemas. */
function isTakenForGranted(
  row: ObjectRow,
  { grantee, privilege }: Entry,
  { ownerRole }: PlanContext,
): boolean {
  const { kind, name } = row;
  if (grantee !== null) return (kind === "database" || kind === "schema") && grantee === ownerRole;
  if (kind === "database") return privilege === "CONNECT" || privilege === "TEMPORARY";
  // A new database lets everybody look up names in public.
  if (kind === "schema") return name === "public" && privilege === "USAGE";
  return (kind === "function" || kind === "procedure") && privilege === "EXECUTE";
}
