/**
 * Names of test databases. A database that is made gets its comment a moment later; whoever is
 * killed in between must leave something that can be recognised, and told dead from alive. So the
 * name itself says that it is ours (a check sum), whose run it belongs to, and until when it is
 * leased at least.
 */
import { createHash, randomInt } from "node:crypto";

const start = Date.UTC(2025, 0, 1);
const minute = 60_000;

/** Six letters and digits, new for each run: 2 billion of them. */
export function newRunId(): string {
  return base36(randomInt(36 ** 6), 6);
}

/**
 * `pgwright_k3f9a2_1_2q9xkf7b2c`: run, number, first end of the lease, check sum.
 *
 * @param expiresAt milliseconds since 1970, of the server's clock; kept as whole minutes, rounded up.
 */
export function databaseName(run: string, number: number, expiresAt: number): string {
  const minutes = Math.ceil((expiresAt - start) / minute);
  const body = `${run}_${number}_${base36(minutes, 5)}`;
  return `pgwright_${body}${checkSum(body)}`;
}

/** `pgwright_template_` and the first half of the content's hash. */
export function templateName(hash: string): string {
  return `pgwright_template_${hash.slice(0, 16)}`;
}

export interface NameParts {
  readonly run: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What the name of a test database says; undefined for any other name. */
export function readName(name: string): NameParts | undefined {
  const [, body = "", run = "", minutes = "", sum] =
    /^pgwright_(([0-9a-z]{6})_[0-9]{1,6}_([0-9a-z]{5}))([0-9a-z]{5})$/.exec(name) ?? [];
  if (sum === undefined || sum !== checkSum(body)) return undefined;
  return { run, expiresAt: start + Number.parseInt(minutes, 36) * minute };
}

function checkSum(body: string): string {
  const digest = createHash("sha256").update(`pgwright testdb ${body}`).digest();
  return base36(digest.readUInt32BE(0) % 36 ** 5, 5);
}

function base36(value: number, length: number): string {
  return value.toString(36).padStart(length, "0");
}
