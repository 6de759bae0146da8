/** Templates: built once for each content, whoever asks for them at the same time. */
import { setTimeout as sleep } from "node:timers/promises";
import { readProperties, type DatabaseProperties } from "../database/properties.ts";
import { describeRefusal } from "../database/refusal.ts";
import { ident, literal } from "../db/identifier.ts";
import { describeHolder, lockKey, releaseSessionLock, type LockHolder } from "../db/lock.ts";
import findLockHolder from "../db/lock-holder.sql";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import { readClock } from "./inventory.ts";
import { markStatement, renewLease } from "./lease.ts";
import { draftTtlMs, renewalsPerLease, templateTtlMs } from "./limits.ts";
import { formatMarker, type Marker, readMarker } from "./marker.ts";
import { databaseName, newRunId } from "./name.ts";
import type { TemplateSource } from "./project.ts";
import type { TestServer } from "./server.ts";

export interface TemplateOptions {
  readonly server: TestServer;
  readonly source: TemplateSource;
  /** `templateName()` of the content's hash. */
  readonly name: string;
  /** "ann@laptop". */
  readonly by: string;
  /** How long to wait for another process that builds it. */
  readonly lockWaitMs: number;
  readonly events: EventListener;
  readonly signal?: AbortSignal | undefined;
}

export interface Template {
  readonly properties: DatabaseProperties;
  /** False when it was there. */
  readonly isBuilt: boolean;
}

/**
 * The template of this name, built if it is not there. One process builds, under an advisory lock
 * of the maintenance database that dies with its session; the others wait for the lock or for the
 * template, whichever comes first.
 *
 * @param session in the maintenance database.
 * @throws PgwrightError `testdb-busy`, and whatever filling it throws.
 */
export async function ensureTemplate(
  session: Session,
  options: TemplateOptions,
): Promise<Template> {
  const { name, events } = options;
  const key = lockKey(`testdb build ${name}`);
  const deadline = performance.now() + options.lockWaitMs;
  let lastPid: number | undefined;
  for (;;) {
    const found = await findTemplate(session, name);
    if (found !== undefined) return { properties: found, isBuilt: false };
    const { got } = await session.one<{ got: boolean }>(
      "select pg_try_advisory_lock($1::bigint) as got",
      [key],
    );
    if (got) break;
    const [holder] = await session.query<LockHolder>(findLockHolder, [key]);
    if (holder !== undefined && holder.pid !== lastPid) {
      lastPid = holder.pid;
      const message = `waiting for the template that ${describeHolder(holder)} builds`;
      events({ type: "notice", level: "info", message });
    }
    if (performance.now() >= deadline) throw busy(name, holder);
    await pause(options.signal);
  }
  try {
    // Its last builder may have finished between the look and the lock.
    const found = await findTemplate(session, name);
    if (found !== undefined) return { properties: found, isBuilt: false };
    await build(session, options);
    const built = await findTemplate(session, name);
    if (built === undefined) throw new PgwrightError("internal", `template ${name} is not there`);
    return { properties: built, isBuilt: true };
  } finally {
    await releaseSessionLock(session, key);
  }
}

/** The template when it is there and complete. @throws PgwrightError `testdb-refused`. */
export async function findTemplate(
  session: Session,
  name: string,
): Promise<DatabaseProperties | undefined> {
  const properties = await readProperties(session, name);
  if (properties === undefined) return undefined;
  if (readMarker(name, properties.comment)?.kind === "template") return properties;
  throw new PgwrightError(
    "testdb-refused",
    `database \`${name}\` has the name of a template, and not the mark of one`,
    { hint: "somebody has changed its comment: drop it or rename it" },
  );
}

/** Under another name and a lease of its own, so that it is a template when it is complete. */
async function build(session: Session, options: TemplateOptions): Promise<void> {
  const { name, by, server, source, events, signal } = options;
  const now = await readClock(session);
  const run = newRunId();
  const expiresAt = now + draftTtlMs;
  const draft = databaseName(run, 0, expiresAt);
  const marker: Marker = { kind: "draft", run, by, createdAt: now, expiresAt, template: name };
  const title = `building the template ${name}`;
  const started = performance.now();
  events({ type: "step-started", title });
  try {
    await session.query(`CREATE DATABASE ${ident(draft)}`);
  } catch (error) {
    throw describeRefusal(error, "no test database could be created", {
      hint: `role \`${session.server.role}\` needs CREATEDB: ALTER ROLE ${ident(session.server.role)} CREATEDB`,
    });
  }
  try {
    await session.query(markStatement(draft, marker));
    const renewal = keepRenewing(session, draft);
    try {
      await source.fill((need) => server.open({ database: draft, ...need, direct: true }), {
        events: condense(events, title),
        signal,
      });
    } finally {
      await renewal.stop();
    }
    await publish(session, draft, name, { ...marker, kind: "template", template: null });
  } catch (error) {
    if (!session.isDead) {
      await session.settle(`DROP DATABASE IF EXISTS ${ident(draft)} WITH (FORCE)`);
    }
    throw error;
  }
  events({ type: "step-finished", title, durationMs: performance.now() - started });
}

/** A hundred steps of the work inside as one; what the user should know is passed on. */
function condense(events: EventListener, title: string): EventListener {
  return (event) => {
    if (event.type === "notice") events(event);
    else if (event.type === "step-started") {
      events({ type: "step-progress", title, detail: event.title });
    }
  };
}

/** Mark, lock-out and name change together: there is no moment at which half of it is true. */
async function publish(
  session: Session,
  draft: string,
  name: string,
  marker: Marker,
): Promise<void> {
  const expiresAt = (await readClock(session)) + templateTtlMs;
  await session.script(
    [
      "begin",
      `COMMENT ON DATABASE ${ident(draft)} IS ${literal(formatMarker(name, { ...marker, expiresAt }))}`,
      // Nobody can connect, so nothing changes it and no copy is refused because of a session.
      `ALTER DATABASE ${ident(draft)} WITH ALLOW_CONNECTIONS false`,
      `ALTER DATABASE ${ident(draft)} RENAME TO ${ident(name)}`,
      "commit",
    ].join(";\n"),
  );
}

interface Renewal {
  /** Waits for a renewal that is under way. */
  stop(): Promise<void>;
}

/** Renews a draft's lease on the maintenance session, which has nothing else to do meanwhile. */
function keepRenewing(session: Session, draft: string): Renewal {
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(() => renewLease(session, draft, draftTtlMs));
    // Told when it is waited for: the lock went with the session.
    running.catch(() => {});
  }, draftTtlMs / renewalsPerLease);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

/** Gives a template that is used its full time again, once half of it is over. */
export async function touchTemplate(
  session: Session,
  { name, comment }: DatabaseProperties,
): Promise<void> {
  const expiresAt = readMarker(name, comment)?.expiresAt ?? 0;
  const now = await readClock(session);
  if (expiresAt < now + templateTtlMs / 2) await renewLease(session, name, templateTtlMs);
}

function busy(name: string, holder: LockHolder | undefined): PgwrightError {
  return new PgwrightError(
    "testdb-busy",
    `another process builds the template ${name}: ${describeHolder(holder)}`,
    {
      hint: `wait for it to finish${holder ? `, or end it with \`select pg_terminate_backend(${holder.pid})\`` : ""}; \`--lock-wait <seconds>\` waits longer`,
    },
  );
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(50 + Math.random() * 50, undefined, signal ? { signal } : {});
  } catch (cause) {
    throw new PgwrightError("interrupted", "interrupted while waiting for the template", { cause });
  }
}
