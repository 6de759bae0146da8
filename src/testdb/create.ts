/** Making test databases: copies of a template that is built once for each content. */
import { describeRefusal } from "../database/refusal.ts";
import { readProperties, type DatabaseProperties } from "../database/properties.ts";
import { ident } from "../db/identifier.ts";
import { hasSqlState, type Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import type { Finding } from "../findings.ts";
import { version } from "../version.ts";
import { type ClonePlan, makeClones, planClone } from "./clone.ts";
import { hashContent } from "./content.ts";
import { readClock } from "./inventory.ts";
import { databaseName, templateName } from "./name.ts";
import type { TemplateSource } from "./project.ts";
import { pruneOn } from "./prune.ts";
import { hasRoom, judgeRoom, readRoom, type Room } from "./room.ts";
import {
  openMaintenance,
  refuseProtectedServer,
  type TestServer,
  withMaintenance,
} from "./server.ts";
import { chooseStrategy, preferSharedBlocks } from "./strategy.ts";
import { ensureTemplate, findTemplate, touchTemplate } from "./template.ts";

export interface CreateOptions {
  readonly server: TestServer;
  readonly source: TemplateSource;
  readonly run: string;
  readonly count: number;
  /** Number of the first one within its run. */
  readonly first: number;
  readonly ttlMs: number;
  readonly by: string;
  readonly lockWaitMs: number;
  readonly dryRun: boolean;
  /** Fail, and do not only say so, where the server takes too few connections. */
  readonly refusesLackOfRoom?: boolean;
  readonly events: EventListener;
  readonly signal?: AbortSignal | undefined;
}

export interface CreatedDatabase {
  readonly name: string;
  /** With its password. */
  readonly url: string;
}

export interface CreateResult {
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
  readonly template: { readonly name: string; readonly isBuilt: boolean };
  readonly databases: readonly CreatedDatabase[];
  readonly findings: readonly Finding[];
  /** The SQL a dry run would execute. */
  readonly sql?: string;
}

/**
 * Makes `count` databases, or none: what was made before a failure is dropped again.
 *
 * @throws PgwrightError `database-protected`, `pooler-refused`, `testdb-busy`, `testdb-refused`,
 * `sql-failed`, and those of `migrate` and `applyPolicies` while the template is built.
 */
export async function createTestDatabases(options: CreateOptions): Promise<CreateResult> {
  await refuseProtectedServer(options.server);
  return withMaintenance(options.server, async (session) => {
    const created = await createOn(session, options);
    // Whoever makes new ones clears away what dead runs have left.
    if (!options.dryRun) await pruneOn(session, { ...options, except: options.run });
    return created;
  });
}

/** The same on a session in the maintenance database, of a server that is known to be for tests. */
export async function createOn(session: Session, options: CreateOptions): Promise<CreateResult> {
  const { source, run, count, events } = options;
  const room = await readRoom(session);
  const findings = judgeRoom(room, count);
  for (const { message, hint } of findings) {
    if (options.refusesLackOfRoom) throw new PgwrightError("testdb-refused", message, { hint });
    events({ type: "notice", level: "warning", message: `${message}; ${hint ?? ""}` });
  }
  const today = new Date(room.now).toISOString().slice(0, 10);
  const hash = await hashContent(source.content, session.server, { toolVersion: version, today });
  const name = templateName(hash);
  if (options.dryRun) {
    const found = await findTemplate(session, name);
    const plan = found && planAll(found, options, room.now);
    return {
      run,
      expiresAt: new Date(room.now + options.ttlMs).toISOString(),
      template: { name, isBuilt: false },
      databases: [],
      findings,
      sql: plan?.map(printClone).join("\n") ?? `-- first the template ${name}\n`,
    };
  }
  const { isBuilt, expiresAt, names } = await makeAll(session, { ...options, name, room });
  return {
    run,
    expiresAt: new Date(expiresAt).toISOString(),
    template: { name, isBuilt },
    databases: names.map((one) => ({ name: one, url: options.server.urlOf(one) })),
    findings,
  };
}

/** Whoever prunes may drop a template between our look and our copy: then it is built again. */
async function makeAll(
  session: Session,
  options: CreateOptions & { readonly name: string; readonly room: Room },
) {
  const { name, count } = options;
  for (let attempt = 1; ; attempt += 1) {
    const { properties, isBuilt } = await ensureTemplate(session, options);
    const made = new Set<string>();
    // While one waits for its commit to reach the disk, the other one copies.
    await using second =
      count > 1 && hasRoom(options.room) ? await openMaintenance(options.server) : undefined;
    const sessions = second ? [session, second] : [session];
    try {
      await touchTemplate(session, properties);
      // Building has taken its time, which is not the lease's.
      const now = await readClock(session);
      const strategy = chooseStrategy(properties.bytes);
      for (const one of sessions) await preferSharedBlocks(one, strategy);
      const plans = planAll(properties, options, now);
      await makeClones(sessions, plans, (clone) => {
        made.add(clone.name);
        options.events({
          type: "step-progress",
          title: "making test databases",
          done: made.size,
          total: count,
        });
      });
      const names = plans.map((plan) => plan.name);
      return { isBuilt, names, expiresAt: now + options.ttlMs };
    } catch (error) {
      await dropMade(session, [...made]);
      const isGone =
        hasSqlState(error, "3D000") && (await readProperties(session, name)) === undefined;
      if (isGone && attempt < 5) continue;
      throw describeRefusal(error, "no test database could be created", {
        hint: `role \`${session.server.role}\` needs CREATEDB: ALTER ROLE ${ident(session.server.role)} CREATEDB`,
      });
    }
  }
}

async function dropMade(session: Session, names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (session.isDead) return;
    await session.settle(`DROP DATABASE IF EXISTS ${ident(name)} WITH (FORCE)`);
  }
}

function planAll(
  template: DatabaseProperties,
  { run, by, first, count, ttlMs }: CreateOptions,
  now: number,
): ClonePlan[] {
  const expiresAt = now + ttlMs;
  const strategy = chooseStrategy(template.bytes);
  const common = { run, by, createdAt: now, expiresAt, template: template.name };
  return Array.from({ length: count }, (_, i) =>
    planClone(template, strategy, {
      name: databaseName(run, first + i, expiresAt),
      marker: { kind: "database", ...common },
    }),
  );
}

function printClone({ create, complete }: ClonePlan): string {
  return `${create};\nBEGIN;\n${complete};\nCOMMIT;\n`;
}
