/** The two written forms of a connection string, read as libpq reads them. */
import { PgwrightError } from "../../errors.ts";

/** Keyword and value, in the order they were written; a later one replaces an earlier one. */
export type Pairs = Map<string, string>;

// C's isspace() in the "C" locale; JavaScript's \s knows more, such as the no-break space.
const blank = /[ \t\n\v\f\r]/;

function trim(text: string): string {
  return text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, "");
}

/** Reads a `postgres://` URL or a `key=value` string. @throws PgwrightError `connection-invalid`. */
export function parseConnectionString(text: string): Pairs {
  // The newline at the end of a secret file is no part of the database's name.
  const trimmed = trim(text);
  if (trimmed.includes("\0")) throw invalid("it contains a NUL character");
  if (/^postgres(ql)?:\/\//.test(trimmed)) return parseUrl(trimmed);
  const scheme = /^([a-z][a-z0-9+.:-]*):\/\//i.exec(trimmed)?.[1];
  if (scheme !== undefined) {
    throw invalid(
      `it begins with \`${scheme}://\``,
      "write postgres://user:password@host:port/database",
    );
  }
  if (!trimmed.includes("=")) {
    throw invalid(
      "it is neither a URL nor a list of key=value pairs",
      'write postgres://user:password@host:port/database or "host=… dbname=… user=…"',
    );
  }
  return parseKeyValues(trimmed);
}

/**
 * `[user[:password]@][host[:port],…][/database][?keyword=value&…]`, every part percent-encoded.
 * WHATWG URL parsing is of no use: it knows neither host lists nor encoded socket directories.
 */
function parseUrl(text: string): Pairs {
  const pairs: Pairs = new Map();
  let rest = text.slice(text.indexOf("://") + 3);
  // libpq looks for "@" only up to the first "/".
  const credentials = /^([^@/]*)@/.exec(rest)?.[1];
  if (credentials !== undefined) {
    rest = rest.slice(credentials.length + 1);
    const colon = credentials.indexOf(":");
    const user = colon === -1 ? credentials : credentials.slice(0, colon);
    const password = colon === -1 ? "" : credentials.slice(colon + 1);
    if (user !== "") pairs.set("user", percentDecode(user, "the user"));
    if (password !== "") pairs.set("password", percentDecode(password, "the password"));
  }
  const question = rest.indexOf("?");
  const location = question === -1 ? rest : rest.slice(0, question);
  // Read as libpq does, what follows would name a host or a database; it is part of a password.
  if (location.includes("@")) {
    throw invalid(
      "it has an unencoded `@` or `/` in a place where only a password can have it",
      "percent-encode reserved characters: @ is %40, / is %2F, : is %3A, ? is %3F, # is %23, % is %25",
    );
  }
  const slash = location.indexOf("/");
  const { hosts, ports } = splitHosts(slash === -1 ? location : location.slice(0, slash));
  if (hosts !== "") pairs.set("host", percentDecode(hosts, "the host"));
  if (ports !== "") pairs.set("port", percentDecode(ports, "the port"));
  const database = slash === -1 ? "" : location.slice(slash + 1);
  if (database !== "") pairs.set("dbname", percentDecode(database, "the database name"));
  if (question !== -1) readParameters(rest.slice(question + 1), pairs);
  return pairs;
}

/** `a:1,[::1]:2` as the two lists "a,::1" and "1,2"; percent-encoding stays. */
function splitHosts(text: string): { hosts: string; ports: string } {
  const hosts: string[] = [];
  const ports: string[] = [];
  let rest = text;
  for (;;) {
    let host: string;
    if (rest.startsWith("[")) {
      const close = rest.indexOf("]");
      if (close === -1) throw invalid("the bracket of an IPv6 address is not closed");
      host = rest.slice(1, close);
      if (host === "") throw invalid("the brackets of an IPv6 address are empty");
      rest = rest.slice(close + 1);
      if (rest !== "" && !/^[:,]/.test(rest)) {
        throw invalid("an IPv6 address must be followed by `:port`, `,`, `/` or nothing");
      }
    } else {
      host = /^[^:,]*/.exec(rest)?.[0] ?? "";
      rest = rest.slice(host.length);
    }
    hosts.push(host);
    if (rest.startsWith(":")) {
      const port = /^:([^,]*)/.exec(rest)?.[1] ?? "";
      rest = rest.slice(port.length + 1);
      ports.push(port);
    } else {
      ports.push("");
    }
    if (!rest.startsWith(",")) break;
    rest = rest.slice(1);
  }
  return { hosts: hosts.join(","), ports: ports.join(",") };
}

function readParameters(text: string, pairs: Pairs): void {
  if (text === "") return;
  const parts = text.split("&");
  // A single "&" at the end is tolerated by libpq.
  if (parts.at(-1) === "") parts.pop();
  for (const part of parts) {
    const [rawName = "", rawValue, ...more] = part.split("=");
    if (more.length > 0) {
      throw invalid(
        `parameter \`${rawName}\` has a second \`=\` in it`,
        "percent-encode the one inside the value as %3D",
      );
    }
    const name = percentDecode(rawName, "a parameter's name");
    if (rawValue === undefined) throw invalid(`parameter \`${name}\` has no value`);
    const value = percentDecode(rawValue, `the value of \`${name}\``);
    // JDBC writes ssl=true; libpq reads it so too.
    if (name === "ssl" && value === "true") pairs.set("sslmode", "require");
    else store(pairs, name, value);
  }
}

/** libpq still takes `requiressl`, the ancestor of `sslmode`. */
function store(pairs: Pairs, name: string, value: string): void {
  if (name !== "requiressl") pairs.set(name, value);
  else pairs.set("sslmode", value.startsWith("1") ? "require" : "prefer");
}

function percentDecode(text: string, what: string): string {
  const trimmed = trim(text);
  if (blank.test(trimmed)) {
    throw invalid(`${what} contains a blank`, "percent-encode it as %20");
  }
  const bytes = Buffer.from(trimmed, "utf8");
  const out: number[] = [];
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte !== 0x25) {
      out.push(byte);
      continue;
    }
    const digits = bytes.toString("latin1", index + 1, index + 3);
    if (!/^[0-9a-f]{2}$/i.test(digits)) {
      throw invalid(
        `${what} has a \`%\` that is not followed by two hexadecimal digits`,
        "percent-encode the % itself as %25",
      );
    }
    if (digits === "00") throw invalid(`${what} contains %00`);
    out.push(Number.parseInt(digits, 16));
    index += 2;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(out));
  } catch {
    throw invalid(`${what} is not UTF-8 once decoded`);
  }
}

/** `key = value key='quoted \' value'`; a backslash takes the next character as it is. */
function parseKeyValues(text: string): Pairs {
  const pairs: Pairs = new Map();
  let at = 0;
  const skipBlanks = () => {
    while (at < text.length && blank.test(text.charAt(at))) at += 1;
  };
  for (skipBlanks(); at < text.length; skipBlanks()) {
    const start = at;
    while (at < text.length && text[at] !== "=" && !blank.test(text.charAt(at))) at += 1;
    const name = text.slice(start, at);
    skipBlanks();
    if (text[at] !== "=") {
      // The word may be the second half of an unquoted password, so it is not repeated here.
      throw invalid(
        `a word is not followed by \`=\`${pairs.size > 0 ? ` (after \`${[...pairs.keys()].at(-1)}\`)` : ""}`,
        "put a value with blanks in single quotes: password='two words'",
      );
    }
    at += 1;
    skipBlanks();
    store(pairs, name, text[at] === "'" ? readQuoted(name) : readBare());
  }
  return pairs;

  function readBare(): string {
    let value = "";
    for (; at < text.length && !blank.test(text.charAt(at)); at += 1) {
      if (text[at] === "\\") at += 1;
      value += text.charAt(at);
    }
    return value;
  }

  function readQuoted(name: string): string {
    let value = "";
    for (at += 1; at < text.length; at += 1) {
      if (text[at] === "'") {
        at += 1;
        return value;
      }
      if (text[at] === "\\") at += 1;
      value += text.charAt(at);
    }
    throw invalid(`the quote of \`${name}\` is not closed`);
  }
}

function invalid(what: string, hint?: string): PgwrightError {
  return new PgwrightError("connection-invalid", `the connection string is not valid: ${what}`, {
    hint,
  });
}
