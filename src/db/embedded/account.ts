import { execFile } from "node:child_process";
import { stat, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { geteuid } from "node:process";
import { promisify } from "node:util";
import { PgwrightError } from "../../errors.ts";

/** An operating system account. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** True when this process may act as any user. */
export function isRoot(): boolean {
  return geteuid?.() === 0;
}

/** The user id of this process, or undefined where the system has none (Windows). */
export function ownUserId(): number | undefined {
  return geteuid?.();
}

/**
 * The account a server must be started under, or undefined for "as ourselves".
 *
 * PostgreSQL refuses to run as root, and initdb wants an account that the system knows by name,
 * so root hands the server to `postgres` where that exists, else to `nobody`.
 *
 * @throws PgwrightError `embedded-failed` when there is neither.
 */
export async function chooseServerAccount(): Promise<Account | undefined> {
  if (!isRoot()) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const account = await findAccount(name);
    if (account !== undefined && account.uid !== 0) return account;
  }
  throw new PgwrightError(
    "embedded-failed",
    "PostgreSQL does not run as root, and this system has neither a `postgres` nor a `nobody` account to run it under",
    { hint: "run pgwright as an ordinary user, or create one: `useradd --system postgres`" },
  );
}

async function findAccount(name: string): Promise<Account | undefined> {
  const run = promisify(execFile);
  try {
    // `id` asks the name service, which /etc/passwd alone does not answer for (LDAP, macOS).
    const [user, group] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
    return { name, uid: Number(user.stdout), gid: Number(group.stdout) };
  } catch (error) {
    // A number is the exit status of `id`: no such user. Anything else means `id` did not run.
    if (typeof (error as { code?: unknown }).code === "number") return undefined;
    throw new PgwrightError(
      "embedded-failed",
      "the command `id`, which looks up accounts, failed",
      {
        cause: error,
        hint: "run pgwright as an ordinary user",
      },
    );
  }
}

/**
 * The first directory on the way to `path` (itself included) that `account` may not enter, or
 * undefined when it can reach it. Judged by owner, group and mode, for the account's first group
 * alone: the others are dropped with root's rights. Access lists are not looked at.
 */
export async function findBarrier(path: string, account: Account): Promise<string | undefined> {
  const directories: string[] = [];
  for (let at = await realpath(path); ; at = dirname(at)) {
    directories.unshift(at);
    if (at === dirname(at)) break;
  }
  for (const directory of directories) {
    const { mode, uid, gid } = await stat(directory);
    const search = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & search) === 0) return directory;
  }
  return undefined;
}
