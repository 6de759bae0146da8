import { userInfo } from "node:os";

/** The system account's name: libpq's default role. Empty under a uid that has none, as in containers. */
export function accountName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SYSTEM_ERROR") throw error;
    return "";
  }
}
