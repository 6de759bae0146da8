/** The pgwright.yaml of a new project: what people change first, and why one would. */
export function newConfigFile(schemaPath: string | undefined): string {
  const schema = schemaPath === undefined ? "" : `# yaml-language-server: $schema=${schemaPath}\n`;
  return `${schema}${text}`;
}

const text = `# Settings of this project. \`pgwright config show\` prints each one with its origin.

# Used where no --url, --env or DATABASE_URL names a database.
default_environment: development

environments:
  # A real PostgreSQL that pgwright brings along, starts by itself and keeps in .pgwright/.
  # For a server of your own, write \`url: postgres://user@localhost/database\` instead.
  development:
    database: embedded

  # \${NAME} is an environment variable or a line of .env; one that is missing or empty is an
  # error. Behind a pooler, \`direct_url:\` names the same database without it.
  # protected: dropping, resetting and seeding are refused there.
  production:
    url: "\${PRODUCTION_URL}"
    protected: true

migrations:
  directory: migrations
  # role: app_owner    # migrations run under SET ROLE to the owner of all objects

policies:
  directory: policies

seeds:
  directory: seeds

# While a migration waits for a table lock, all others wait behind it. After lock_timeout it
# steps aside and tries again later, for lock_budget at most.
lock_timeout: 1s
lock_budget: 2min
`;
