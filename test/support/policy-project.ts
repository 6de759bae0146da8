/** A small project with policies of its own roles, which are dropped at the end: roles outlive databases. */
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import postgres from "postgres";
import { serverUrl } from "./database.ts";
import type { MigrationProject, ProjectOptions } from "./migration-project.ts";
import { withMigrations } from "./migration-project.ts";

export interface PolicyProject extends MigrationProject {
  /** Names of roles by what stands for them in the files: `$app` is "app_1f…". */
  role(name: string): string;
  /** Writes a file of policies/; `$name` becomes the role. */
  writePolicy(name: string, text: string): Promise<void>;
  /** Everything that `policies plan` finds, as "object: why". */
  drift(): Promise<string[]>;
}

export interface PolicyProjectOptions extends ProjectOptions {
  readonly roles: readonly string[];
  readonly migrations: Readonly<Record<string, string>>;
  readonly policies: Readonly<Record<string, string>>;
}

export async function withPolicies(options: PolicyProjectOptions): Promise<PolicyProject> {
  const suffix = randomBytes(5).toString("hex");
  const role = (name: string) => `${name}_${suffix}`;
  const named = (text: string) =>
    options.roles.reduce((all, name) => all.replaceAll(`$${name}`, role(name)), text);
  const project = await withMigrations(
    Object.fromEntries(
      Object.entries(options.migrations).map(([name, text]) => [name, named(text)]),
    ),
    { ...options, ...(options.yaml === undefined ? {} : { yaml: named(options.yaml) }) },
  );
  const writePolicy = async (name: string, text: string) => {
    const path = join(project.path, "policies", name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, named(text));
  };
  for (const [name, text] of Object.entries(options.policies)) await writePolicy(name, text);
  return {
    ...project,
    role,
    writePolicy,
    async drift() {
      const { body, stdout } = await project.json(["policies", "plan"]);
      if (!body.result) throw new Error(stdout);
      return body.result.steps.map(
        ({ object, why }: { object: string; why: string }) => `${object}: ${why}`,
      );
    },
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      const admin = postgres(serverUrl(), { max: 1, onnotice: () => {} });
      for (const name of options.roles.map(role)) {
        const [found] = await admin`select from pg_roles where rolname = ${name}`;
        // Rights on parameters are the cluster's, and outlive the database.
        if (found) await admin.unsafe(`drop owned by ${name}; drop role ${name}`);
      }
      await admin.end({ timeout: 1 });
    },
  };
}
