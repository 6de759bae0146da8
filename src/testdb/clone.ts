/** Copies of a template, complete with what CREATE DATABASE … TEMPLATE leaves behind. */
import { settingStatements, type DatabaseProperties } from "../database/properties.ts";
import { ident } from "../db/identifier.ts";
import { isPostgresError, type Session } from "../db/session.ts";
import { markStatement } from "./lease.ts";
import type { Marker } from "./marker.ts";

/** How the server copies the files of a template. */
export type Strategy = "WAL_LOG" | "FILE_COPY";

export interface ClonePlan {
  readonly name: string;
  readonly create: string;
  /** One transaction: rights, settings and the mark, which a copy does not inherit. */
  readonly complete: string;
}

export function planClone(
  template: DatabaseProperties,
  strategy: Strategy,
  { name, marker }: { readonly name: string; readonly marker: Marker },
): ClonePlan {
  return {
    name,
    create:
      `CREATE DATABASE ${ident(name)} OWNER ${ident(template.owner)}` +
      ` TEMPLATE ${ident(template.name)} STRATEGY ${strategy}` +
      (template.connectionLimit === -1 ? "" : ` CONNECTION LIMIT ${template.connectionLimit}`),
    complete: [...settingStatements(template, name), markStatement(name, marker)].join(";\n"),
  };
}

/**
 * Makes all of them, each session one at a time. After a failure nothing more is begun, and what is
 * under way is waited for.
 *
 * @param onMade is told of each that is complete, in no particular order.
 * @throws PostgresError, the first one.
 */
export async function makeClones(
  sessions: readonly Session[],
  plans: readonly ClonePlan[],
  onMade: (plan: ClonePlan) => void,
): Promise<void> {
  const waiting = plans.values();
  let hasFailed = false;
  const work = async (session: Session) => {
    for (const plan of waiting) {
      try {
        await makeClone(session, plan);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
      onMade(plan);
      if (hasFailed) return;
    }
  };
  const ends = await Promise.allSettled(sessions.map(work));
  const failure = ends.find((end) => end.status === "rejected");
  if (failure) throw failure.reason;
}

/** @throws PostgresError; what was made of this database is dropped again. */
async function makeClone(session: Session, plan: ClonePlan): Promise<void> {
  await copyTemplate(session, plan.create);
  try {
    await session.script(plan.complete);
  } catch (error) {
    // It has no mark, or a part of its rights: nobody may take it for a whole one.
    if (!session.isDead) await session.settle(`DROP DATABASE IF EXISTS ${ident(plan.name)}`);
    throw error;
  }
}

async function copyTemplate(session: Session, create: string): Promise<void> {
  try {
    await session.query(create);
  } catch (error) {
    // A file system that does not share blocks may refuse to: then they are copied.
    if (!isPostgresError(error) || !error.message.startsWith("could not clone file")) throw error;
    await session.query("reset file_copy_method");
    await session.query(create);
  }
}
