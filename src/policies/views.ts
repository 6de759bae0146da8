/** Plain views that use a column whose type is to change: dropped before, made again after. */
import { ident, literal } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import findDependentViews from "./dependent-views.sql";

interface ViewRow {
  readonly name: string;
  /** Why it cannot be made again; null where it can. */
  readonly obstacle: string | null;
  readonly owner: string;
  readonly definition: string;
  /** `security_invoker=true` */
  readonly options: readonly string[];
  /** Who gets rights on any new view by default; null is PUBLIC. */
  readonly defaultGrantees: readonly (string | null)[];
  readonly grants: readonly {
    readonly grantee: string | null;
    readonly privilege: string;
    readonly isGrantable: boolean;
    readonly column: string | null;
  }[];
  readonly comments: readonly { readonly column: string | null; readonly text: string }[];
}

export interface DependentView {
  /** As SQL. */
  readonly name: string;
  readonly drop: string;
  /** With its owner, options, rights and comments. */
  readonly create: readonly string[];
}

/**
 * The views in the order in which they can be dropped; made again in the reverse one. None where one
 * of them cannot be made again: PostgreSQL then refuses the change, unless the file itself drops what
 * is in its way, and `obstacles` says why.
 */
export async function findViewsInTheWay(
  session: Session,
  relation: string,
  column: string,
): Promise<{ views: DependentView[]; obstacles: string[] }> {
  const rows = await session.query<ViewRow>(findDependentViews, [relation, column]);
  const obstacles = rows.flatMap(({ name, obstacle }) =>
    obstacle ? [`${name} (${obstacle})`] : [],
  );
  const views = rows.map((row) => ({
    name: row.name,
    drop: `drop view ${row.name}`,
    create: createSql(row),
  }));
  return { views: obstacles.length > 0 ? [] : views, obstacles };
}

function createSql(row: ViewRow): string[] {
  const { name } = row;
  const options = row.options.map((option) => {
    const [key = "", ...value] = option.split("=");
    return `${ident(key)} = ${literal(value.join("="))}`;
  });
  const who = (grantee: string | null) => (grantee === null ? "public" : ident(grantee));
  return [
    `create view ${name}${options.length === 0 ? "" : ` with (${options.join(", ")})`} as\n${row.definition.replace(/;\s*$/, "")}`,
    `alter view ${name} owner to ${ident(row.owner)}`,
    ...row.defaultGrantees.map((grantee) => `revoke all on ${name} from ${who(grantee)}`),
    ...row.grants.map(
      ({ grantee, privilege, isGrantable, column }) =>
        `grant ${privilege}${column === null ? "" : ` (${ident(column)})`} on ${name} to ${who(grantee)}${isGrantable ? " with grant option" : ""}`,
    ),
    ...row.comments.map(({ column, text }) =>
      column === null
        ? `comment on view ${name} is ${literal(text)}`
        : `comment on column ${name}.${ident(column)} is ${literal(text)}`,
    ),
  ];
}
