/** What could not be looked into, and why. */
import { vanished } from "../db/look.ts";
import { ident, qualified } from "../db/identifier.ts";
import { hasSqlState, isPostgresError } from "../db/session.ts";
import type { CatalogTable } from "./catalog.ts";
import type { ColumnValues } from "./column.ts";
import type { Unread } from "./report.ts";

/** Where rows are elsewhere, or this role or server cannot read them. */
export function listUnreadable(table: CatalogTable): Unread[] {
  const object = qualified(table.schema, table.name);
  const foreign = table.leaves.filter(({ kind }) => kind === "f");
  const found: Unread[] = foreign.map((leaf) => ({
    object: qualified(leaf.schema, leaf.name),
    why: "a foreign table: its rows are on another server",
    hint: "scan that server",
    isBlind: false,
  }));
  const closed = table.columns.filter(({ mayRead }) => !mayRead);
  if (closed.length === 0 || table.kind === "f") return found;
  const isAll = closed.length === table.columns.length;
  const names = closed.map(({ name }) => ident(name)).join(", ");
  return [
    ...found,
    {
      object,
      why: isAll ? "the role may not read it" : `the role may not read ${names}`,
      hint: `GRANT SELECT${isAll ? "" : ` (${names})`} ON ${object} TO …`,
      isBlind: true,
    },
  ];
}

/** What was read, and yet not wholly understood. */
export function listHalfRead(table: CatalogTable, values: readonly ColumnValues[]): Unread[] {
  return values.flatMap(({ column, reading, cut }) => {
    const object = `${qualified(table.schema, table.name)}.${ident(column.name)}`;
    if (reading === "unknown") {
      return [
        {
          object,
          why: `the type ${column.type} is not known to the scan: only its text form was looked at`,
          isBlind: false,
        },
      ];
    }
    if (cut > 0 && column.base !== "hstore" && column.typtype !== "c") {
      return [
        {
          object,
          why: `${cut} documents of more than 16 kB: only their beginnings were looked at`,
          isBlind: false,
        },
      ];
    }
    return [];
  });
}

/** Why one table could not be read, where that need not end the scan; undefined where it does. */
export function explain(error: unknown, role: string): Omit<Unread, "object"> | undefined {
  if (!isPostgresError(error)) return undefined;
  const found = reasons.find(
    ({ states, pattern }) =>
      hasSqlState(error, ...states) && (pattern?.test(error.message) ?? true),
  );
  if (found === undefined) return undefined;
  const { why = error.message, hint } = found;
  return {
    why,
    ...(hint === undefined ? {} : { hint: hint.replace("%role%", ident(role)) }),
    isBlind: true,
  };
}

interface Reason {
  readonly states: readonly string[];
  readonly pattern?: RegExp;
  /** The server's own words unless given. */
  readonly why?: string;
  readonly hint?: string;
}

const reasons: readonly Reason[] = [
  {
    states: ["42501"],
    pattern: /row-level security/,
    why: "row level security would hide rows from this role",
    hint: "scan as a superuser or as a role with BYPASSRLS: `ALTER ROLE %role% BYPASSRLS`",
  },
  { states: ["42501"], hint: "`GRANT SELECT` on it, and `GRANT USAGE` on its schema, to %role%" },
  {
    states: ["57014"],
    why: "reading it took longer than the statement timeout",
    hint: "--statement-timeout 5min",
  },
  {
    states: ["55P03"],
    why: "it is locked exclusively",
    hint: "run the same command again when that is over",
  },
  {
    states: ["40001"],
    why: "the standby cancelled reading it five times",
    hint: "scan the primary, or raise max_standby_streaming_delay",
  },
  // A view that was never refreshed; an unlogged table on a standby.
  { states: ["55000", "0A000"] },
  {
    states: vanished,
    why: "it was dropped or changed meanwhile",
    hint: "run the same command again",
  },
];
