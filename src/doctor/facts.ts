/** What is true of the server and of this session, good or bad. */
import { lookSafely } from "../db/look.ts";
import type { ServerInfo, Session } from "../db/session.ts";
import type { Engine } from "./engine.ts";
import readFactsSql from "./facts.sql";

export interface Facts {
  readonly engine: Engine;
  readonly role: RoleFacts;
  readonly connection: ConnectionFacts;
  /** `version()` */
  readonly versionText: string;
  /** The server's clock, seconds since 1970. */
  readonly now: number;
  readonly uptimeSeconds: number;
  readonly hasChecksums: boolean;
}

/** Of the role this session acts as. */
export interface RoleFacts {
  /** The role that logged in; it differs from the acting one after `ALTER ROLE … SET role`. */
  readonly sessionRole: string;
  readonly isSuperuser: boolean;
  readonly canCreateRoles: boolean;
  readonly canCreateDatabases: boolean;
  readonly bypassesRls: boolean;
  /** Sees other roles' sessions: pg_read_all_stats, a part of pg_monitor. */
  readonly readsStatistics: boolean;
}

export interface ConnectionFacts {
  /** The path from here to the server or pooler is encrypted. */
  readonly isEncrypted: boolean;
  /** The path to the server process; behind a pooler, its last part. */
  readonly isBackendEncrypted: boolean;
  readonly tlsVersion: string | null;
  readonly tlsCipher: string | null;
  /** Where the server sees us; null on a Unix socket. */
  readonly clientAddress: string | null;
}

type Row = Omit<Facts, "engine" | "role" | "connection"> &
  RoleFacts &
  Omit<ConnectionFacts, "isEncrypted">;

export async function readFacts(
  session: Session,
  server: ServerInfo,
  engine: Engine,
): Promise<Facts> {
  const row = await lookSafely(session, () => session.one<Row>(readFactsSql));
  return {
    engine,
    versionText: row.versionText,
    now: row.now,
    uptimeSeconds: row.uptimeSeconds,
    hasChecksums: row.hasChecksums,
    role: {
      sessionRole: row.sessionRole,
      isSuperuser: row.isSuperuser,
      canCreateRoles: row.canCreateRoles,
      canCreateDatabases: row.canCreateDatabases,
      bypassesRls: row.bypassesRls,
      readsStatistics: row.readsStatistics,
    },
    connection: {
      isEncrypted: server.isEncrypted,
      isBackendEncrypted: row.isBackendEncrypted,
      tlsVersion: row.tlsVersion,
      tlsCipher: row.tlsCipher,
      clientAddress: row.clientAddress,
    },
  };
}
