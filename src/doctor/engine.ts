/** Which engine answers: PostgreSQL itself, or something that speaks like it. */
import { lookSafely } from "../db/look.ts";
import { hasSqlState, type Session } from "../db/session.ts";
import readEngineMarks from "./engine.sql";

/**
 * - `postgres`: PostgreSQL as released, run by whoever.
 * - `service`: the same in someone's cloud; settings are changed there, not with ALTER SYSTEM.
 * - `own-storage`: PostgreSQL's code over a storage of its own; durability settings mean nothing.
 * - `spread`: PostgreSQL's code over several nodes; some statements are refused or differ.
 * - `foreign`: another program with PostgreSQL's protocol; its catalogs are not PostgreSQL's.
 */
export type EngineKind = "postgres" | "service" | "own-storage" | "spread" | "foreign";

export interface Engine {
  readonly name: string;
  readonly kind: EngineKind;
}

/** What tells engines apart. */
export interface EngineMarks {
  /** `version()` */
  readonly version: string;
  readonly extensions: readonly string[];
  /** Words before the dot in the names of settings: "rds" of `rds.extensions`. */
  readonly settingPrefixes: readonly string[];
  /** Relations and functions that only one engine has, of those asked for. */
  readonly objects: readonly string[];
}

const byVersion: readonly (readonly [RegExp, Engine])[] = [
  [/^CockroachDB/, { name: "CockroachDB", kind: "foreign" }],
  [/\bRedshift\b/, { name: "Amazon Redshift", kind: "foreign" }],
  [/\bMaterialize\b/, { name: "Materialize", kind: "foreign" }],
  [/RisingWave/, { name: "RisingWave", kind: "foreign" }],
  [/^CrateDB/, { name: "CrateDB", kind: "foreign" }],
  [/QuestDB/, { name: "QuestDB", kind: "foreign" }],
  [/-YB-/, { name: "YugabyteDB", kind: "spread" }],
  [/Greenplum|Cloudberry/, { name: "Greenplum", kind: "spread" }],
  [/openGauss|GaussDB/, { name: "openGauss", kind: "foreign" }],
  [/EnterpriseDB/, { name: "EDB Postgres Advanced Server", kind: "postgres" }],
];

const byObject: Readonly<Record<string, Engine>> = {
  "sys.iam_pg_role_mappings": { name: "Amazon Aurora DSQL", kind: "foreign" },
  aurora_version: { name: "Amazon Aurora", kind: "own-storage" },
};

const byExtension: Readonly<Record<string, Engine>> = {
  citus: { name: "Citus", kind: "spread" },
  orioledb: { name: "OrioleDB", kind: "own-storage" },
};

const byPrefix: Readonly<Record<string, Engine>> = {
  alloydb: { name: "Google AlloyDB", kind: "own-storage" },
  neon: { name: "Neon", kind: "own-storage" },
  rds: { name: "Amazon RDS for PostgreSQL", kind: "service" },
  cloudsql: { name: "Google Cloud SQL for PostgreSQL", kind: "service" },
  azure: { name: "Azure Database for PostgreSQL", kind: "service" },
  supautils: { name: "Supabase", kind: "service" },
};

/** The most telling mark first: Citus runs on Azure, Aurora has the settings of RDS. */
export function recognizeEngine(marks: EngineMarks): Engine {
  const known = byVersion.find(([pattern]) => pattern.test(marks.version))?.[1];
  if (known) return known;
  const steps: readonly (readonly [readonly string[], Readonly<Record<string, Engine>>])[] = [
    [marks.objects, byObject],
    [marks.extensions, byExtension],
    [marks.settingPrefixes, byPrefix],
  ];
  for (const [found, table] of steps) {
    const mark = Object.keys(table).find((name) => found.includes(name));
    if (mark !== undefined) return table[mark] as Engine;
  }
  return { name: "PostgreSQL", kind: "postgres" };
}

/**
 * Asks the server what it is. version() comes first and alone: an engine with catalogs of its own
 * would refuse the rest.
 */
export async function readEngine(session: Session): Promise<Engine> {
  const { version } = await session.one<{ version: string }>(
    "select pg_catalog.version() as version",
  );
  const none = { extensions: [], settingPrefixes: [], objects: [] };
  const known = recognizeEngine({ version, ...none });
  if (known.kind === "foreign") return known;
  const marks = await lookSafely(session, () =>
    session.one<Omit<EngineMarks, "version">>(readEngineMarks),
  );
  const objects = [...marks.objects];
  if (marks.settingPrefixes.includes("rds") && (await isAurora(session))) {
    objects.push("aurora_version");
  }
  return recognizeEngine({ version, ...marks, objects });
}

/**
 * Aurora is told from RDS by calling aurora_version(): on Aurora 17.7 the function has been seen
 * missing from pg_proc although the call answers.
 */
async function isAurora(session: Session): Promise<boolean> {
  try {
    await lookSafely(session, () => session.query("select aurora_version()"));
    return true;
  } catch (error) {
    if (hasSqlState(error, "42883")) return false;
    throw error;
  }
}
