import { PostgreSqlContainer } from "@testcontainers/postgresql";

/** The settings the tests count on, as `startCluster` gives them to its own servers. */
const settings = {
  fsync: "off",
  shared_preload_libraries: "pg_stat_statements",
  max_connections: "200",
  max_prepared_transactions: "10",
  wal_level: "logical",
};

/** Starts PostgreSQL in a container; needs a Docker engine and the image. */
export async function startContainer(
  image: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const container = await new PostgreSqlContainer(image)
    .withDatabase("postgres")
    .withUsername("postgres")
    .withPassword("postgres")
    .withCommand(["postgres", ...flags])
    .start();
  return {
    url: container.getConnectionUri(),
    async stop() {
      await container.stop();
    },
  };
}
