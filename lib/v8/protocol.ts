/**
 * The parts of the V8 inspector protocol that are used here.
 * See https://chromedevtools.github.io/devtools-protocol/v8/
 * @module
 */

/** A place in a script, counted from 0. */
export interface Location {
  readonly scriptId: string;
  readonly lineNumber: number;
  readonly columnNumber?: number;
}

/** A value of the program, described from outside. */
export interface RemoteObject {
  readonly type: string;
  readonly subtype?: string;
  readonly className?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
  readonly description?: string;
  readonly objectId?: string;
  readonly preview?: ObjectPreview;
}

/** An object's first properties, as consoles show them. */
export interface ObjectPreview {
  readonly type: string;
  readonly subtype?: string;
  readonly description?: string;
  readonly overflow: boolean;
  readonly properties: readonly PropertyPreview[];
}

/** One property of a preview. */
export interface PropertyPreview {
  readonly name: string;
  readonly type: string;
  readonly subtype?: string;
  readonly value?: string;
}

/** An exception that nobody caught, or that an evaluation threw. */
export interface ExceptionDetails {
  readonly text: string;
  readonly scriptId?: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
  readonly exception?: RemoteObject;
  readonly stackTrace?: {
    readonly callFrames: readonly { scriptId: string; lineNumber: number; columnNumber: number }[];
  };
}

/** One frame of a paused program, innermost first. */
export interface CallFrame {
  readonly callFrameId: string;
  readonly functionName: string;
  readonly location: Location;
  readonly url: string;
}

/** Parameters of `Debugger.paused`. */
export interface Pause {
  readonly reason: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly callFrames: readonly CallFrame[];
  readonly hitBreakpoints?: readonly string[];
}

/** Parameters of `Debugger.scriptParsed`. */
export interface ParsedScript {
  readonly scriptId: string;
  readonly url: string;
  readonly length?: number;
}

/** Parameters of `Runtime.consoleAPICalled`. */
export interface ConsoleCall {
  readonly type: string;
  readonly args: readonly RemoteObject[];
}

/** What an evaluation comes to. */
export interface Evaluation {
  readonly result: RemoteObject;
  readonly exceptionDetails?: ExceptionDetails;
}

/** One entry of `/json/list`. */
export interface InspectorTarget {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly url: string;
  readonly description: string;
  readonly webSocketDebuggerUrl: string;
}
