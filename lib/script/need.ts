/** A right of Latch's own. */
export type RightName =
  | "attach"
  | "launch"
  | "connect"
  | "read-memory"
  | "write-memory"
  | "control"
  | "execute"
  | "dump"
  | "terminate"
  | "symbols";

/** Each right, and whether it may have a list. */
export const RIGHTS: Readonly<Record<RightName, boolean>> = {
  "attach": true,
  "launch": true,
  "connect": true,
  "read-memory": false,
  "write-memory": false,
  "control": false,
  "execute": true,
  "dump": true,
  "terminate": true,
  "symbols": true,
};

/** What a call needs. */
export interface Need {
  readonly right: RightName;
  /** What it is about, as an entry of a list would name it. */
  readonly value?: string;
  /** What the script itself calls it, for its error: that must not tell it more than it knows. */
  readonly said?: string;
  /** Whether an entry of the allow list covers it; without it none does. */
  allows?(entry: string): boolean;
  /** Whether an entry of the deny list forbids it; without it the same as `allows`. */
  denies?(entry: string): boolean;
}
