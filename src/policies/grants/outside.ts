/** Rights of declared roles where no file compares them: told, and left alone. */
import { formatCount } from "../../db/amount.ts";
import { ident, qualified } from "../../db/identifier.ts";
import type { Finding } from "../../findings.ts";
import type { PlanContext } from "../step.ts";
import { granteeSql, groupBy } from "./entries.ts";
import listDefaults from "./outside-defaults.sql";
import listGroups from "./outside-groups.sql";
import listLargeObjects from "./outside-large-objects.sql";
import listRights from "./outside.sql";

export const outsideRight = "policies/outside-right";

/** What the files are about. */
export interface Inside {
  /** The declared roles. */
  readonly roles: Iterable<string>;
  /** Schemas whose rights are compared. */
  readonly schemas: Iterable<string>;
  /** Roles whose default privileges are compared. */
  readonly creators: Iterable<string>;
}

interface Right {
  /** As it stands after ON; TABLE for whatever has columns. */
  readonly kind: string;
  readonly schema: string | null;
  readonly name: string;
  readonly arguments: string | null;
  readonly column: string | null;
  readonly isSystem: boolean;
  readonly extension: string | null;
  readonly owner: string;
  /** Null is PUBLIC. */
  readonly grantee: string | null;
  /** A declared role that belongs to the grantee, where that is not declared itself. */
  readonly through: string | null;
  readonly grantor: string;
  readonly privilege: string;
}

/** What these of PostgreSQL's own objects give away. */
const meanings: Readonly<Record<string, string>> = {
  pg_authid: "it holds the hashes of all passwords",
  pg_shadow: "it shows the hashes of all passwords",
  pg_statistic: "it holds values of every column, whatever their policies say",
  pg_statistic_ext_data: "it holds values of columns, whatever their policies say",
  pg_user_mapping: "it holds passwords of foreign servers",
  pg_subscription: "it holds passwords of other servers",
  pg_largeobject: "it holds every large object",
  lo_import: "it reads files of the server",
  lo_export: "it writes files on the server",
};

const meaningsByPrefix: readonly (readonly [RegExp, string])[] = [
  [/^pg_(read_(binary_)?file|ls_|stat_file)/, "it reads the server's files or directories"],
  [/^pg_(file_|rotate_logfile)/, "it writes the server's files"],
];

/**
 * Whatever a declared role, a role it belongs to, or PUBLIC may do beyond what PostgreSQL and its
 * extensions give, in places that no file names. It may be another team's business, so nothing is
 * taken away; a person decides, and `lint.yaml` can acknowledge it.
 */
export async function findOutsideRights(
  { session, ownerRole, ledger }: PlanContext,
  inside: Inside,
): Promise<Finding[]> {
  const roles = JSON.stringify([...inside.roles]);
  const schemas = JSON.stringify([...inside.schemas]);
  const owner = ownerRole ?? session.server.role;
  const rights = await session.query<Right>(listRights, [
    roles,
    schemas,
    ledger.schema,
    ledger.table,
    owner,
  ]);
  const large = await session.query<LargeObjects>(listLargeObjects, [
    roles,
    JSON.stringify([owner, session.server.role]),
  ]);
  const strangers = await session.query<Stranger>(listGroups, [roles, owner]);
  const defaults = await session.query<DefaultRight>(listDefaults, [
    roles,
    schemas,
    JSON.stringify([...inside.creators]),
  ]);
  const groups = groupBy(rights, (right) => JSON.stringify([placeOf(right), right.grantee]));
  return [
    ...strangers.flatMap(describeStranger),
    ...groups.map(describeRights),
    ...large.map((one) => describeLargeObjects(one, owner)),
    ...groupBy(defaults, ({ role, grantee }) => JSON.stringify([role, grantee])).map(
      describeDefaults,
    ),
  ];
}

/** What a finding is about: one object of PostgreSQL or an extension, or one kind of them in another schema. */
function placeOf(right: Right): string {
  const { kind, schema, extension, isSystem } = right;
  if (schema === null || kind === "SCHEMA") return `${kind.toLowerCase()} ${nameOf(right)}`;
  return isSystem || extension !== null ? nameOf(right) : `${ident(schema)}.*`;
}

function nameOf({ kind, schema, name, arguments: list }: Right): string {
  if (schema === null || kind === "SCHEMA") return ident(name);
  const named = qualified(schema, name);
  return list === null ? named : `${named}(${list})`;
}

function sqlOf(right: Right): string {
  return `${right.kind} ${nameOf(right)}`;
}

function describeRights(group: readonly Right[]): Finding {
  const [first] = group;
  if (!first) throw new TypeError("there is no group without a right");
  const { isSystem, extension, name, schema, kind } = first;
  const place = placeOf(first);
  const objects = new Set(group.map(nameOf));
  const isMany = place.endsWith(".*") && schema !== null;
  const what = isMany
    ? objects.size === 1
      ? nameOf(first)
      : `${formatCount(objects.size)} objects of schema ${ident(schema)}`
    : place;
  const meaning = !isSystem
    ? undefined
    : (meanings[name] ?? meaningsByPrefix.find(([pattern]) => pattern.test(name))?.[1]);
  const why = isSystem
    ? (meaning ?? "PostgreSQL gives that to nobody")
    : extension !== null
      ? `the extension ${ident(extension)} gives that to nobody`
      : schema !== null && kind !== "SCHEMA"
        ? "no file of policies/ names that schema"
        : "no file of policies/ says so";
  return {
    rule: outsideRight,
    severity: "warning",
    message: `${whoOf(first)} holds ${privilegesOf(group)} on ${what}: ${why}`,
    hint: hintOf(revokesOf(group)),
    object: `${place}.${granteeSql(first.grantee)}`,
  };
}

function whoOf({ grantee, through }: Pick<Right, "grantee" | "through">): string {
  return through === null
    ? granteeSql(grantee)
    : `${granteeSql(grantee)}, which ${ident(through)} belongs to,`;
}

/** "SELECT, UPDATE (a, b)" */
function privilegesOf(group: readonly Right[]): string {
  return groupBy(group, ({ privilege }) => privilege)
    .map((same) => {
      const columns = [...new Set(same.flatMap(({ column }) => (column ? [ident(column)] : [])))];
      const isWhole = same.some(({ column }) => column === null);
      return `${same[0]?.privilege}${isWhole ? "" : ` (${columns.join(", ")})`}`;
    })
    .join(", ");
}

/** One statement for each object, or for each kind of them where there are many. */
function revokesOf(group: readonly Right[]): string[] {
  const byGrantor = groupBy(group, ({ grantor, owner, kind }) =>
    JSON.stringify([grantor === owner ? null : grantor, kind]),
  );
  return byGrantor.flatMap((rights) => {
    const [first] = rights;
    if (!first) return [];
    const { kind, schema, grantor, owner } = first;
    const who = granteeSql(first.grantee);
    // REVOKE takes what the object's owner has granted; what others passed on is theirs to take.
    const by = grantor === owner ? "" : `as ${ident(grantor)}: `;
    const objects = groupBy(rights, nameOf);
    if (objects.length > 4 && schema !== null) {
      return [`${by}\`REVOKE ALL ON ALL ${kind}S IN SCHEMA ${ident(schema)} FROM ${who};\``];
    }
    return objects.map(
      (same) =>
        `${by}\`REVOKE ${privilegesOf(same)} ON ${same[0] ? sqlOf(same[0]) : ""} FROM ${who};\``,
    );
  });
}

function hintOf(statements: readonly string[]): string {
  return `${statements.join(" ")}; where it is meant, acknowledge it in policies/lint.yaml with the reason`;
}

/** A role that a declared one belongs to and that no file declares. */
interface Stranger {
  readonly role: string;
  readonly through: string;
  readonly attributes: readonly string[];
  readonly groups: readonly string[];
}

function describeStranger({ role, through, attributes, groups }: Stranger): Finding[] {
  const who = ident(role);
  const lends = [
    ...(attributes.length === 0 ? [] : [`is ${attributes.join(", ")}`]),
    ...(groups.length === 0 ? [] : [`is a member of ${groups.map(ident).join(", ")}`]),
  ];
  if (lends.length === 0) return [];
  return [
    {
      rule: outsideRight,
      severity: "warning",
      message: `${who}, which ${ident(through)} belongs to, ${lends.join(" and ")}: no file of policies/ declares it`,
      hint: `take that away: ${[
        ...attributes.map((word) => `\`ALTER ROLE ${who} NO${word};\``),
        ...groups.map((group) => `\`REVOKE ${ident(group)} FROM ${who};\``),
      ].join(" ")}, or declare ${who} in policies/roles.sql with what it is to have`,
      object: `role ${who}.${ident(through)}`,
    },
  ];
}

interface LargeObjects {
  readonly grantee: string | null;
  readonly isOwner: boolean;
  readonly count: number;
  readonly privileges: readonly string[];
  /** Oids of the first five. */
  readonly first: readonly number[];
}

function describeLargeObjects(
  { grantee, isOwner, count, privileges, first }: LargeObjects,
  owner: string,
): Finding {
  const who = granteeSql(grantee);
  const isOne = count === 1;
  const which = `${isOne ? "large object" : `${formatCount(count)} large objects:`} ${first.join(", ")}${count > first.length ? " …" : ""}`;
  const list = first.join(", ");
  const others =
    count > first.length
      ? ` and so on (\`SELECT oid FROM pg_largeobject_metadata WHERE ${isOwner ? `lomowner = ${who}::regrole` : "lomacl IS NOT NULL"};\` lists them)`
      : "";
  return {
    rule: outsideRight,
    severity: "warning",
    message: isOwner
      ? `${who} owns ${which}: whatever is in ${isOne ? "it" : "them"} has no policies and is not audited`
      : `${who} holds ${privileges.join(", ")} on ${which}: no file of policies/ says so`,
    hint: hintOf([
      `${
        isOwner
          ? first.map((oid) => `\`ALTER LARGE OBJECT ${oid} OWNER TO ${ident(owner)};\``).join(" ")
          : `\`REVOKE ALL ON LARGE OBJECT ${list} FROM ${who};\``
      }${others}`,
    ]),
    object: `large objects.${who}`,
  };
}

interface DefaultRight {
  readonly role: string;
  readonly schema: string | null;
  readonly kind: string;
  readonly grantee: string | null;
  readonly privileges: readonly string[];
}

function describeDefaults(group: readonly DefaultRight[]): Finding {
  const [first] = group;
  if (!first) throw new TypeError("there is no group without a right");
  const role = ident(first.role);
  const who = granteeSql(first.grantee);
  const what = group.map(
    ({ kind, schema, privileges }) =>
      `${privileges.join(", ")} on ${kind.toLowerCase()}${schema === null ? "" : ` in ${ident(schema)}`}`,
  );
  return {
    rule: outsideRight,
    severity: "warning",
    message: `${who} gets ${what.join(", ")} that ${role} will create: no file of policies/ says so`,
    hint: hintOf(
      group.map(
        ({ kind, schema, privileges }) =>
          `\`ALTER DEFAULT PRIVILEGES FOR ROLE ${role}${schema === null ? "" : ` IN SCHEMA ${ident(schema)}`} REVOKE ${privileges.join(", ")} ON ${kind} FROM ${who};\``,
      ),
    ),
    object: `default privileges of ${role}.${who}`,
  };
}
