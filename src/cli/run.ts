/** One command line, from parsing to the printed result. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { appendFile } from "node:fs/promises";
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import { reaches } from "../findings.ts";
import type { CommandDefinition } from "./command.ts";
import type { DatabaseName } from "./connection.ts";
import { createContext } from "./connection.ts";
import type { GlobalOptions } from "./options.ts";
import { buildProgram } from "./program.ts";
import { Progress } from "./progress.ts";
import { asPgwrightError, errorToJson, renderError } from "./render/error.ts";
import { findingToJson } from "./render/findings.ts";
import { watchSignals } from "./signals.ts";
import { Terminal } from "./terminal.ts";

export async function runCommandLine(
  process: NodeJS.Process,
  argv: readonly string[],
): Promise<number> {
  // A reader that went away (`pgwright dump | head`) is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  const isColorAllowed = !argv.includes("--no-color");
  const terminal = await Terminal.open(process, isColorAllowed);
  let exit = 0;
  const program = buildProgram(
    async (definition, typedName, command) => {
      exit = await runCommand(process, terminal, definition, typedName, command);
    },
    { out: (text) => terminal.out(text), err: (text) => terminal.err(text) },
  );
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exit;
  } catch (error) {
    if (!isCommanderError(error)) throw error;
    const isHelp = ["commander.helpDisplayed", "commander.version"].includes(error.code);
    if (isHelp) return 0;
    if (asksForJson(argv, process.env)) {
      const usage = new PgwrightError("usage", error.message.replace(/^error: /, ""));
      terminal.out(JSON.stringify({ ok: false, exitCode: 2, error: errorToJson(usage) }, null, 2));
    }
    return 2;
  }
}

async function runCommand(
  process: NodeJS.Process,
  terminal: Terminal,
  definition: CommandDefinition,
  typedName: string,
  command: CommandUnknownOpts,
): Promise<number> {
  const globals = globalsOf(command);
  const progress = new Progress(terminal, {
    isQuiet: globals.quiet,
    isVerbose: globals.verbose,
  });
  if (definition.hiddenAliases?.includes(typedName) && !globals.quiet) {
    terminal.err(
      `${terminal.errStyle.dim("note:")} \`${typedName}\` is called \`${definition.path}\` here`,
    );
  }
  const interrupt = watchSignals(process);
  const context = createContext({
    process,
    terminal,
    globals,
    interrupt,
    progress,
    program: rootOf(command),
  });
  const print = new Printer(terminal, globals, definition, () => context.databaseName());
  try {
    const result = await definition.run(context, command.opts(), ...command.processedArgs);
    progress.finish();
    const findings = definition.findings?.(result) ?? [];
    const exit = definition.exit?.(result, command.opts()) ?? (reaches(findings, "error") ? 1 : 0);
    await print.result(result, findings, exit, process.env["GITHUB_STEP_SUMMARY"]);
    return exit;
  } catch (thrown) {
    progress.finish();
    const error = asPgwrightError(thrown);
    const code = interrupt.exitCode();
    const exit = code !== undefined && error.code === "interrupted" ? code : error.exit;
    await print.error(error, exit);
    return exit;
  } finally {
    interrupt.dispose();
  }
}

/** Prints one result or one error in the chosen format. */
class Printer {
  readonly #terminal: Terminal;
  readonly #globals: GlobalOptions;
  readonly #definition: CommandDefinition;
  readonly #database: () => DatabaseName | undefined;

  constructor(
    terminal: Terminal,
    globals: GlobalOptions,
    definition: CommandDefinition,
    database: () => DatabaseName | undefined,
  ) {
    this.#terminal = terminal;
    this.#globals = globals;
    this.#definition = definition;
    this.#database = database;
  }

  async result(
    result: object,
    findings: readonly Finding[],
    exit: number,
    summaryFile: string | undefined,
  ): Promise<void> {
    const { format } = this.#globals;
    if (format === "json") {
      this.#json({ ok: exit === 0, exitCode: exit, result, findings: findings.map(findingToJson) });
      return;
    }
    const { createView } = await import("./render/view.ts");
    const { renderFindings } = await import("./render/findings.ts");
    const view = createView(this.#terminal.outStyle, this.#terminal.width, this.#globals.verbose);
    this.#terminal.out(this.#definition.text(result, view));
    if (findings.length === 0) return;
    if (format === "github") {
      const { renderAnnotations, renderSummary } = await import("./render/github.ts");
      this.#terminal.out(renderAnnotations(findings));
      if (summaryFile)
        await appendFile(summaryFile, renderSummary(this.#definition.path, findings));
    } else {
      this.#terminal.out(renderFindings(findings, view));
    }
  }

  async error(error: PgwrightError, exit: number): Promise<void> {
    if (this.#globals.format === "json") {
      this.#json({
        ok: false,
        exitCode: exit,
        ...(error.details.result === undefined ? {} : { result: error.details.result }),
        error: errorToJson(error),
      });
      return;
    }
    if (this.#globals.format === "github") {
      const { renderErrorAnnotation } = await import("./render/github.ts");
      this.#terminal.out(renderErrorAnnotation(error));
    }
    this.#terminal.err(
      renderError(error, this.#terminal.errStyle, {
        isVerbose: this.#globals.verbose,
        width: this.#terminal.width,
      }),
    );
  }

  #json(body: object): void {
    const database = this.#database();
    this.#terminal.out(
      JSON.stringify(
        {
          command: this.#definition.path,
          ...(database === undefined ? {} : { database }),
          ...body,
        },
        bigintAsText,
        2,
      ),
    );
  }
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function rootOf(command: CommandUnknownOpts): CommandUnknownOpts {
  let root = command;
  while (root.parent) root = root.parent;
  return root;
}

function globalsOf(command: CommandUnknownOpts): GlobalOptions {
  const all = command.optsWithGlobals() as Record<string, unknown>;
  return {
    ...all,
    format: all["json"] === true ? "json" : (all["format"] ?? "text"),
    quiet: all["quiet"] === true,
    verbose: all["verbose"] === true,
    yes: all["yes"] === true,
    wait: all["wait"] ?? 0,
    color: all["color"] !== false,
  } as GlobalOptions;
}

function asksForJson(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const format = argv.indexOf("--format");
  return (
    argv.includes("--json") ||
    argv.includes("--format=json") ||
    (format >= 0 && argv[format + 1] === "json") ||
    env["PGWRIGHT_FORMAT"] === "json"
  );
}

/** By its code: bundling renames the class. */
function isCommanderError(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error && String((error as { code?: unknown }).code).startsWith("commander.")
  );
}
