/** A stub until the status names are there. */
export interface StatusName {
  readonly code: number;
  readonly symbol: string;
}
