/** Messages of PostgreSQL's wire protocol 3.0, as far as starting a session needs them. */

/** One message of the server: its type letter and its bytes after the length. */
export interface Message {
  readonly type: string;
  readonly body: Buffer;
  /** The message as it came, type and length included. */
  readonly raw: Buffer;
}

/** Takes the first whole message off `bytes`; undefined when more must arrive. */
export function takeMessage(bytes: Buffer): { message: Message; rest: Buffer } | undefined {
  if (bytes.length < 5) return undefined;
  const end = bytes.readUInt32BE(1) + 1;
  if (bytes.length < end) return undefined;
  const raw = bytes.subarray(0, end);
  const message = { type: String.fromCharCode(raw[0] ?? 0), body: raw.subarray(5), raw };
  return { message, rest: bytes.subarray(end) };
}

/** `StartupMessage`: no type letter, version 3.0, then names and values. */
export function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
  const text = Object.entries(parameters)
    .map(([name, value]) => `${name}\0${value}\0`)
    .join("");
  const body = Buffer.from(`\0\0\0\0\0\x03\0\0${text}\0`, "utf8");
  body.writeUInt32BE(body.length, 0);
  return body;
}

/** `p`: a password, or a step of SASL. */
export function passwordMessage(...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from("p\0\0\0\0", "latin1"), ...parts]);
  body.writeUInt32BE(body.length - 1, 1);
  return body;
}

/** A text as the protocol ends it. */
export function terminated(text: string): Buffer {
  return Buffer.from(`${text}\0`, "utf8");
}

/** A length in front of bytes. */
export function counted(text: string): Buffer {
  const body = Buffer.from(`\0\0\0\0${text}`, "utf8");
  body.writeUInt32BE(body.length - 4, 0);
  return body;
}

/** `ParameterStatus`: one setting as the server reports it. */
export function parameterStatus(name: string, value: string): Buffer {
  const body = Buffer.from(`S\0\0\0\0${name}\0${value}\0`, "utf8");
  body.writeUInt32BE(body.length - 1, 1);
  return body;
}

/** The names in a message that are each ended by a zero byte. */
export function splitTerminated(body: Buffer): string[] {
  return body.toString("utf8").split("\0").filter(Boolean);
}

const fieldNames: Readonly<Record<string, string>> = {
  V: "severity",
  C: "code",
  M: "message",
  D: "detail",
  H: "hint",
  R: "routine",
  W: "where",
  s: "schema_name",
  t: "table_name",
  c: "column_name",
  n: "constraint_name",
};

/** An error the server sent before the session stood; reads like the driver's PostgresError. */
export interface StartupError extends Error {
  readonly code: string;
  readonly severity: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly routine?: string;
  /** It came before "authentication ok": another encryption could match another pg_hba line. */
  readonly isBeforeAuthentication: boolean;
}

export function readServerError(body: Buffer, isBeforeAuthentication: boolean): StartupError {
  const fields: Record<string, string> = {};
  for (const field of splitTerminated(body)) {
    const name = fieldNames[field.charAt(0)];
    if (name !== undefined) fields[name] = field.slice(1);
  }
  const error = new Error(fields["message"] ?? "the server refused without a reason");
  return Object.assign(error, {
    name: "PostgresError",
    code: "",
    severity: "FATAL",
    ...fields,
    isBeforeAuthentication,
  });
}

/**
 * The FATAL error or, where another backend crashed, the warning (57P02) that `bytes` end with.
 * They may begin in the middle of a message, so what counts is a length that fits the end.
 */
export function readLastWords(bytes: Buffer): StartupError | undefined {
  for (let at = bytes.length - 5; at >= 0; at -= 1) {
    const type = bytes[at];
    if (type !== 0x45 && type !== 0x4e) continue;
    if (at + 1 + bytes.readUInt32BE(at + 1) !== bytes.length) continue;
    const error = readServerError(bytes.subarray(at + 5), false);
    if (["FATAL", "PANIC"].includes(error.severity) || error.code === "57P02") {
      return Object.assign(error, { severity: "FATAL" });
    }
  }
  return undefined;
}
