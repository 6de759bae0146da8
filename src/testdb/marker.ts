/**
 * The mark of a test database and its lease: the comment on the database, which everybody can read
 * without connecting to it, and which its owner may write without further rights. A copy made by
 * CREATE DATABASE … TEMPLATE does not inherit it, and under another name it does not count.
 */
import type { NameParts } from "./name.ts";
import { readName } from "./name.ts";

export type Kind = "database" | "draft" | "template";

export interface Marker {
  /** A draft becomes a template when it is complete. */
  readonly kind: Kind;
  /** The run that made it, and for a database, holds it. */
  readonly run: string;
  /** "ann@laptop": for people. */
  readonly by: string;
  /** Milliseconds since 1970, by the server's clock; null where only the name tells. */
  readonly createdAt: number | null;
  readonly expiresAt: number;
  /** The template it was copied from; null where there was none. */
  readonly template: string | null;
}

const says = "test database, see `pgwright testdb list`: ";

/** The text of the comment on `name`. */
export function formatMarker(name: string, marker: Marker): string {
  const { createdAt, expiresAt, ...rest } = marker;
  const times = {
    createdAt: createdAt === null ? null : new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  };
  return says + JSON.stringify({ name, ...rest, ...times });
}

/**
 * The mark of a database. Without a comment the name counts, which says the same as the first
 * comment would. Undefined for what is not ours, or not any more: somebody wrote another comment,
 * or renamed it.
 */
export function readMarker(name: string, comment: string | null): Marker | undefined {
  if (comment === null) {
    const parts = readName(name);
    return parts && markerOfName(parts);
  }
  if (!comment.startsWith(says)) return undefined;
  let said: unknown;
  try {
    said = JSON.parse(comment.slice(says.length));
  } catch {
    // Somebody changed it: then it is theirs.
    return undefined;
  }
  return isRecord(said) && said["name"] === name ? markerOfComment(said) : undefined;
}

function markerOfName({ run, expiresAt }: NameParts): Marker {
  return { kind: "database", run, by: "", createdAt: null, expiresAt, template: null };
}

function markerOfComment(said: Readonly<Record<string, unknown>>): Marker | undefined {
  const { kind, run, by, template } = said;
  const createdAt = readTime(said["createdAt"]);
  const expiresAt = readTime(said["expiresAt"]);
  if (expiresAt === null) return undefined;
  if (typeof run !== "string" || typeof by !== "string") return undefined;
  if (kind !== "database" && kind !== "draft" && kind !== "template") return undefined;
  if (template !== null && typeof template !== "string") return undefined;
  return { kind, run, by, createdAt, expiresAt, template };
}

function readTime(value: unknown): number | null {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
