/** Why no down section is proposed. */
export class NoWayBack extends Error {
  override readonly name = "NoWayBack";
}
