import type { Value } from "../session/engine.ts";
import { EngineError } from "../session/errors.ts";
import type { InspectorClient } from "./client.ts";
import type { Evaluation, ExceptionDetails, ObjectPreview, PropertyPreview, RemoteObject } from "./protocol.ts";
import { OWN_SCRIPT } from "./scripts.ts";

/** Copies what an evaluation came to out of the program; what cannot be copied comes as its description. */
export async function valueOf(client: InspectorClient, evaluation: Evaluation): Promise<Value> {
  const { result, exceptionDetails } = evaluation;
  if (exceptionDetails) throw new EngineError("failed", `Cannot evaluate: ${exceptionText(exceptionDetails)}`);
  if (result.objectId === undefined) return primitive(result);
  if (result.type !== "object" || result.subtype === "error") return result.description ?? result.type;
  const copy = await client.call<Evaluation>("Runtime.callFunctionOn", {
    objectId: result.objectId,
    functionDeclaration: `function () { return this; }\n//# sourceURL=${OWN_SCRIPT}\n`,
    returnByValue: true,
    silent: true,
  });
  if (copy.exceptionDetails) {
    throw new EngineError("failed", `Cannot evaluate: ${exceptionText(copy.exceptionDetails)}`);
  }
  return copy.result.value as Value;
}

/** What an evaluation came to as a console would show it. */
export function textOf(evaluation: Evaluation): string {
  const { result, exceptionDetails } = evaluation;
  if (exceptionDetails) throw new EngineError("failed", `Cannot evaluate: ${exceptionText(exceptionDetails)}`);
  return result.type === "string" ? JSON.stringify(result.value) : describe(result);
}

/** The text of a console call's arguments. */
export function consoleText(args: readonly RemoteObject[]): string {
  return args.map((arg) => arg.type === "string" ? String(arg.value) : describe(arg)).join(" ");
}

/** What an exception says, in one line. */
export function exceptionText({ text, exception }: ExceptionDetails): string {
  const said = exception?.description ?? (exception ? describe(exception) : text);
  return said.split(/\n\s+at /)[0]?.replace(/\s*\n\s*/g, " ") ?? text;
}

/** An exception's class, for something thrown that is no object its type. */
export function exceptionName(exception: RemoteObject | undefined): string {
  return exception?.className ?? exception?.subtype ?? exception?.type ?? "Error";
}

function primitive({ type, value, unserializableValue }: RemoteObject): Value {
  if (unserializableValue === undefined) return value as Value;
  return type === "bigint" ? BigInt(unserializableValue.slice(0, -1)) : Number(unserializableValue);
}

function describe({ type, subtype, value, unserializableValue, description, preview }: RemoteObject): string {
  if (preview && subtype !== "error" && preview.properties.length > 0) return previewText(preview);
  if (type === "undefined" || subtype === "null") return subtype ?? type;
  return description ?? unserializableValue ?? String(value);
}

function previewText({ subtype, description, overflow, properties }: ObjectPreview): string {
  const isList = subtype === "array" || subtype === "typedarray";
  const parts = properties.map((one) => isList ? propertyText(one) : `${one.name}: ${propertyText(one)}`);
  if (overflow) parts.push("…");
  if (isList) return `[ ${parts.join(", ")} ]`;
  const name = description && description !== "Object" ? `${description} ` : "";
  return `${name}{ ${parts.join(", ")} }`;
}

function propertyText({ type, value }: PropertyPreview): string {
  return type === "string" ? JSON.stringify(value) : value ?? type;
}
