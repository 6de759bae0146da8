/** The context of one run: configuration and connections, made when first asked for. */
import type { DatabaseChoice } from "../config/database.ts";
import type { Config } from "../config/load.ts";
import type { ConnectionOptions } from "../db/libpq.ts";
import type { Session } from "../db/session.ts";
import type { Purpose } from "./command.ts";
import type { Context, Place } from "./context.ts";
import type { GlobalOptions } from "./options.ts";
import { buildProgram } from "./program.ts";
import type { Progress } from "./progress.ts";
import { wrapProse } from "./render/text.ts";
import type { Interrupt } from "./signals.ts";
import type { Terminal } from "./terminal.ts";

/** Which database a command worked on; part of its JSON output. */
export interface DatabaseName {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly role: string;
  readonly environment: string | null;
  readonly isEmbedded: boolean;
  readonly serverVersion: string;
}

export interface RunContext extends Context {
  databaseName(): DatabaseName | undefined;
}

interface Parts {
  /** What the command works on. */
  readonly purpose: Purpose;
  readonly process: NodeJS.Process;
  readonly terminal: Terminal;
  readonly globals: GlobalOptions;
  readonly interrupt: Interrupt;
  readonly progress: Progress;
}

export function createContext(parts: Parts): RunContext {
  const { process, terminal, globals, interrupt, progress } = parts;
  let loading: Promise<Config> | undefined;
  let named: DatabaseName | undefined;
  let placing: Promise<Place> | undefined;
  const loadOnce = () => (loading ??= load(process, globals));
  const placeOnce = () => (placing ??= loadOnce().then((config) => findPlace(parts, config)));
  return {
    terminal,
    globals,
    signal: interrupt.signal,
    environment: process.env,
    workingDirectory: process.cwd(),
    events: progress.listen,
    config: loadOnce,
    place: placeOnce,
    async runInForeground(program, args, environment) {
      const { runInForeground } = await import("./foreground.ts");
      // With --json, stdout is for our one object.
      const stdout = globals.format === "json" ? 2 : 1;
      return runInForeground(program, args, environment, { stdout, interrupt });
    },
    async completionScript(shell) {
      const { completionScript } = await import("./completion/script.ts");
      return completionScript(buildProgram(), shell);
    },
    databaseName: () => named,
    async opener(url, role = "into") {
      const isConfigured = url === undefined;
      let options = isConfigured
        ? (await placeOnce()).directOptions
        : await resolveUrl(url, await loadOnce());
      const { connect } = await import("../db/connect.ts");
      let isFirst = true;
      return {
        database: options.database,
        async open({ writes, signal = interrupt.signal, database }) {
          const session = await connect(options, {
            applicationName: "pgwright",
            writes,
            signal,
            ...(globals.wait > 0 ? { waitSeconds: globals.wait } : {}),
            ...(database === undefined ? {} : { database }),
          }).catch(async (error: unknown) => {
            throw isConfigured ? error : (await import("./repeat.ts")).repeatUrl(error, url);
          });
          if (!isFirst) return session;
          isFirst = false;
          options = { ...options, hosts: sameHost(options.hosts, session) };
          if (isConfigured) named ??= nameOf(session, await placeOnce());
          const place = { options, environmentName: undefined, isEmbedded: false };
          const name = isConfigured && named ? named : nameOf(session, place);
          if (!globals.quiet)
            terminal.err(sentence(name, terminal, isConfigured ? "" : `${role} `));
          return session;
        },
      };
    },
    async embeddedLocation() {
      const { locateEmbedded } = await import("../config/embedded.ts");
      return locateEmbedded(await loadOnce());
    },
    async connect(need) {
      const place = await placeOnce();
      const { connect } = await import("../db/connect.ts");
      let hasWaited = false;
      const session = await connect(need.direct ? place.directOptions : place.options, {
        applicationName: `pgwright`,
        writes: need.writes,
        ...(globals.wait > 0 ? { waitSeconds: globals.wait } : {}),
        signal: interrupt.signal,
        onWait(why) {
          hasWaited = true;
          progress.listen({ type: "step-progress", title: "waiting", detail: why });
        },
        ...(need.database === undefined ? {} : { database: need.database }),
      });
      // Only what was said here: a second connection is opened while a step is running.
      if (hasWaited) progress.finish();
      if (named === undefined) {
        named = nameOf(session, place);
        if (!globals.quiet) terminal.err(sentence(named, terminal));
      }
      return session;
    },
  };
}

async function load(process: NodeJS.Process, globals: GlobalOptions): Promise<Config> {
  const { loadConfig } = await import("../config/load.ts");
  return loadConfig({
    workingDirectory: process.cwd(),
    environment: process.env,
    flags: globals,
  });
}

async function findPlace(parts: Parts, config: Config): Promise<Place> {
  const { choice, variables } = await chooseFor(parts.purpose, config);
  const { resolveConnection } = await import("../db/libpq.ts");
  const { accountName } = await import("../db/account-name.ts");
  const { homedir } = await import("node:os");
  const { environmentName, isProtected } = choice;
  const person = { homeDirectory: homedir(), userName: accountName() };
  const resolve = (url: string | undefined, environment: Config["variables"]) =>
    resolveConnection({ ...(url === undefined ? {} : { url }), environment, ...person });
  if (choice.kind === "embedded") {
    const { ensureEmbedded } = await import("../db/embedded/server.ts");
    const { locateEmbedded } = await import("../config/embedded.ts");
    const location = locateEmbedded(config);
    const { url } = await ensureEmbedded(location, parts.progress.listen, parts.interrupt.signal);
    // PG* variables mean some other server: the embedded one is named completely by its URL.
    const options = resolve(url, {});
    return { options, directOptions: options, environmentName, isProtected, isEmbedded: true };
  }
  const options = resolve(choice.kind === "url" ? choice.url : undefined, variables);
  const directUrl = choice.kind === "url" ? choice.directUrl : undefined;
  const directOptions = directUrl === undefined ? options : resolve(directUrl, variables);
  return { options, directOptions, environmentName, isProtected, isEmbedded: false };
}

/** A database of its own beside the configured one: variables that name that one do not complete it. */
async function resolveUrl(url: string, { variables }: Config) {
  const { resolveConnection } = await import("../db/libpq.ts");
  const { accountName } = await import("../db/account-name.ts");
  const { homedir } = await import("node:os");
  const { PGPASSFILE, PGSSLROOTCERT } = variables;
  return resolveConnection({
    url,
    environment: { PGPASSFILE, PGSSLROOTCERT },
    homeDirectory: homedir(),
    userName: accountName(),
  });
}

/** The database, and the variables that may complete its connection string. */
async function chooseFor(
  purpose: Purpose,
  config: Config,
): Promise<{ choice: DatabaseChoice; variables: Config["variables"] }> {
  if (purpose === "test") {
    const { chooseTestServer, completingVariables } = await import("../config/test-server.ts");
    return { choice: chooseTestServer(config), variables: completingVariables(config) };
  }
  const { chooseDatabase } = await import("../config/database.ts");
  return { choice: chooseDatabase(config), variables: config.variables };
}

/** Of several hosts the one that answered: a snapshot is of one server. */
function sameHost(
  hosts: ConnectionOptions["hosts"],
  { server }: Session,
): ConnectionOptions["hosts"] {
  const same = hosts.filter(({ host, port }) => host === server.host && port === server.port);
  return same.length > 0 ? same : hosts;
}

function nameOf(
  session: Session,
  place: Pick<Place, "options" | "environmentName" | "isEmbedded">,
): DatabaseName {
  const { server } = session;
  return {
    // Not that of the session: work on databases begins in another one of the same server.
    name: place.options.database,
    host: server.host,
    port: server.port,
    role: server.role,
    environment: place.environmentName ?? null,
    isEmbedded: place.isEmbedded,
    serverVersion: server.version,
  };
}

function sentence(name: DatabaseName, terminal: Terminal, relation = ""): string {
  const { errStyle: style, errWidth, isErrTerminal } = terminal;
  const where = name.isEmbedded ? "embedded server" : `${name.host}:${name.port}`;
  const environment = name.environment === null ? "" : `, environment ${name.environment}`;
  const text = `${relation}database ${style.bold(name.name)} on ${where} as ${name.role} (PostgreSQL ${name.serverVersion}${environment})`;
  return style.dim(wrapProse(text, isErrTerminal ? errWidth : Infinity, 2));
}
