/** The key that masks are drawn with: where it comes from, what is derived from it. */
import { createHash, hkdfSync, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { PgwrightError } from "../errors.ts";

export const keyVariable = "PGWRIGHT_ANON_KEY";

/** A master key. It stays in this process: servers are sent only what is derived from it. */
export interface MaskingKey {
  readonly bytes: Buffer;
  /** Sixteen hex digits that tell keys apart and say nothing about them. */
  readonly fingerprint: string;
  /** Made for this run and forgotten: nobody can repeat or follow the masks. */
  readonly isEphemeral: boolean;
}

export interface KeySource {
  /** What PGWRIGHT_ANON_KEY says. */
  readonly variable: string | undefined;
  readonly file: string | undefined;
  readonly isEphemeral: boolean;
}

const howTo = "make one: openssl rand -hex 32";

/**
 * Reads the key from the file, the variable, or makes one.
 *
 * @throws PgwrightError `masking-key` for none, two, or one that is no 64 random hex digits. The
 * message never holds any of it.
 */
export async function readKey(source: KeySource): Promise<MaskingKey> {
  const { variable, file, isEphemeral } = source;
  if (isEphemeral) {
    if (file !== undefined) {
      throw wrong("--ephemeral-key and --key-file exclude each other", "give one of them");
    }
    return keyOf(randomBytes(32), true);
  }
  if (file !== undefined) return keyOf(parseKey(await readKeyFile(file), file), false);
  if (variable !== undefined && variable.trim() === "") {
    throw wrong(`${keyVariable} is set and empty`, `${howTo}, and export it as ${keyVariable}`);
  }
  if (variable === undefined) {
    throw wrong(
      "there is no key to mask with",
      `${howTo}, keep it where secrets are kept, and export it as ${keyVariable} or name its file with --key-file; --ephemeral-key makes one for this run only`,
    );
  }
  return keyOf(parseKey(variable, keyVariable), false);
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "does not exist" : "unreadable";
    throw wrong(
      `the key file ${file} ${why === "unreadable" ? "cannot be read" : why}`,
      howTo,
      error,
    );
  }
}

function parseKey(text: string, origin: string): Buffer {
  const digits = text.trim();
  if (/[^0-9a-f]/i.test(digits)) {
    throw wrong(`the key in ${origin} holds something else than hex digits`, howTo);
  }
  if (digits.length !== 64) {
    throw wrong(
      `the key in ${origin} has ${digits.length} hex digits; it needs 64, which are 32 bytes`,
      howTo,
    );
  }
  const bytes = Buffer.from(digits, "hex");
  // 32 random bytes have 28 to 32 different values but for one case in 10^7; words, counters and
  // repetitions have fewer.
  if (new Set(bytes).size < 20 || isCounting(bytes)) {
    throw wrong(`the key in ${origin} is not random`, howTo);
  }
  return bytes;
}

function isCounting(bytes: Buffer): boolean {
  const steps = new Set(bytes.subarray(1).map((byte, n) => (byte - (bytes[n] ?? 0)) & 255));
  return steps.size < 8;
}

function keyOf(bytes: Buffer, isEphemeral: boolean): MaskingKey {
  const fingerprint = createHash("sha256")
    .update(expand(bytes, "fingerprint"))
    .digest("hex")
    .slice(0, 16);
  return { bytes, fingerprint, isEphemeral };
}

function wrong(message: string, hint: string, cause?: unknown): PgwrightError {
  return new PgwrightError("masking-key", message, { hint, cause });
}

/** HKDF-SHA-256 (RFC 5869): another label gives another key, and none says anything of the others. */
function expand(master: Buffer, label: string): Buffer {
  return Buffer.from(hkdfSync("sha256", master, "pgwright", label, 32));
}

/** A key of 32 bytes for the label. */
export function derive(key: MaskingKey, label: string): Buffer {
  return expand(key.bytes, label);
}

/** The two key blocks of HMAC-SHA-256 (RFC 2104) for a label, as bytea in hex: `\x…`, 64 bytes each. */
export function padsOf(key: MaskingKey, label: string): { inner: string; outer: string } {
  const block = Buffer.alloc(64);
  derive(key, label).copy(block);
  const pad = (byte: number) => `\\x${Buffer.from(block.map((one) => one ^ byte)).toString("hex")}`;
  return { inner: pad(0x36), outer: pad(0x5c) };
}
