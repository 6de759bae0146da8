/** Which views are meant, and in which order they are refreshed. */
import { ident, splitName } from "../../db/identifier.ts";
import { findNearest } from "../../config/nearest.ts";
import { PgwrightError } from "../../errors.ts";
import type { Matview } from "./catalog.ts";

/**
 * So that each comes after those it reads, and otherwise by name. Materialized views cannot read
 * each other in a circle.
 */
export function inOrder(matviews: readonly Matview[]): Matview[] {
  const byOid = new Map(matviews.map((one) => [one.oid, one]));
  const ordered = new Set<Matview>();
  const visit = (one: Matview) => {
    for (const { oid } of one.sources.matviews) {
      const source = byOid.get(oid);
      if (source) visit(source);
    }
    ordered.add(one);
  };
  for (const one of matviews) visit(one);
  return [...ordered];
}

/** How far a view is from tables: 0 reads no other materialized view. */
export function depthsOf(matviews: readonly Matview[]): Map<string, number> {
  const depths = new Map<string, number>();
  for (const { oid, sources } of inOrder(matviews)) {
    depths.set(oid, Math.max(-1, ...sources.matviews.map((one) => depths.get(one.oid) ?? -1)) + 1);
  }
  return depths;
}

export interface Choice {
  /** As typed; none means all. */
  readonly names: readonly string[];
  /** Also those that a named one reads. */
  readonly withSources: boolean;
  /** Also those that read a named one. */
  readonly withDependents: boolean;
}

/**
 * The views that are meant, in their order.
 *
 * @throws PgwrightError `relation-unknown` for a name that is no materialized view's.
 */
export function chooseMatviews(all: readonly Matview[], choice: Choice): Matview[] {
  if (choice.names.length === 0) return inOrder(all);
  const chosen = new Set<Matview>();
  const byOid = new Map(all.map((one) => [one.oid, one]));
  const addSources = (one: Matview) => {
    chosen.add(one);
    for (const { oid } of one.sources.matviews) {
      const source = byOid.get(oid);
      if (source && !chosen.has(source)) addSources(source);
    }
  };
  const addDependents = (one: Matview) => {
    chosen.add(one);
    for (const other of dependentsOf(one, all)) if (!chosen.has(other)) addDependents(other);
  };
  const named = choice.names.map((name) => findMatview(all, name));
  for (const one of named) chosen.add(one);
  if (choice.withSources) named.forEach(addSources);
  if (choice.withDependents) named.forEach(addDependents);
  return inOrder(all).filter((one) => chosen.has(one));
}

/** Those that read it directly or through plain views. */
export function dependentsOf({ oid }: Matview, all: readonly Matview[]): Matview[] {
  return all.filter(({ sources }) => sources.matviews.some((one) => one.oid === oid));
}

function findMatview(all: readonly Matview[], text: string): Matview {
  const parts = splitName(text);
  const [schema, name] = parts?.length === 1 ? [undefined, parts[0]] : (parts ?? []);
  const found =
    parts !== undefined && parts.length <= 2
      ? all.filter((one) => one.name === name && (schema === undefined || one.schema === schema))
      : [];
  const [one, another] = found;
  if (one && !another) return one;
  const names = all.map(({ view }) => view);
  if (another) {
    throw new PgwrightError(
      "relation-unknown",
      `\`${text}\` is the name of ${found.length} materialized views`,
      {
        hint: `write its schema: ${found.map(({ view }) => view).join(" or ")}`,
      },
    );
  }
  const close = findNearest(text, [...names, ...all.map((each) => ident(each.name))]);
  throw new PgwrightError("relation-unknown", `there is no materialized view \`${text}\``, {
    hint:
      names.length === 0
        ? "this database has no materialized view"
        : close === undefined
          ? "`pgwright matviews list` shows those there are"
          : `did you mean \`${close}\`?`,
  });
}
