/** Whether a server takes as many connections as test databases will need. */
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import selectRoom from "./room.sql";

export interface Room {
  /** The server's clock, milliseconds since 1970. */
  readonly now: number;
  /** max_connections. */
  readonly most: number;
  /** Of these, kept for superusers and for pg_use_reserved_connections. */
  readonly reserved: number;
  readonly used: number;
}

export async function readRoom(session: Session): Promise<Room> {
  return session.one<Room>(selectRoom);
}

/** Whether one more session of our own takes nobody else's place. */
export function hasRoom({ most, reserved, used }: Room): boolean {
  return most - reserved - used > 2;
}

/** A finding when not every database could be connected to once at the same time. */
export function judgeRoom({ most, reserved, used }: Room, databases: number): Finding[] {
  // Our own session ends before the first of them begins.
  const free = Math.max(0, most - reserved - used + 1);
  if (free >= databases) return [];
  return [
    {
      rule: "testdb/connections",
      severity: "warning",
      message: `the server takes ${free} more ${free === 1 ? "connection" : "connections"} (max_connections ${most}, ${reserved} reserved, ${used - 1} in use), and ${databases} ${databases === 1 ? "database needs" : "databases need"} at least one each`,
      hint: `raise max_connections to ${roundUp(most - free + 2 * databases)} or more (on the embedded server: \`embedded.settings.max_connections\`), or make fewer databases at a time`,
    },
  ];
}

function roundUp(connections: number): number {
  return Math.ceil(connections / 50) * 50;
}
