/** What can be asked to stop waiting. */
export interface WaitOptions {
  /** Ends the wait: the programs are stopped, the promise rejects with the signal's reason, and the session can go on. */
  readonly signal?: AbortSignal;
}
