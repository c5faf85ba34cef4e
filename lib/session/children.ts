import { fitsPattern } from "./pattern.ts";

/**
 * What becomes of a process that a debugged program starts. `follow`: it is debugged too, a program of its own. `detach`: it
 * is told (`createProcess`, `programCreate`, `programDestroy`) and let go at once. `ignore`: it is let go without a word.
 */
export type ChildPolicy = "follow" | "ignore" | "detach";

/**
 * One policy for all children, or one by image name: patterns with `*` and `?`, upper and lower case alike; the first that
 * matches counts, and a child that none matches is ignored. They hold for children of children too.
 */
export type ChildOption = ChildPolicy | Readonly<Record<string, ChildPolicy>>;

/** Policies as plain data, in the order in which they are tried. */
export type ChildPolicies = readonly { readonly pattern: string; readonly policy: ChildPolicy }[];

const POLICIES: readonly string[] = ["follow", "ignore", "detach"] satisfies ChildPolicy[];

/**
 * The policies that an option stands for.
 * @throws {TypeError} when it is none.
 */
export function childPolicies(option: ChildOption = "ignore"): ChildPolicies {
  if (typeof option !== "string" && (typeof option !== "object" || option === null || Array.isArray(option))) {
    throw new TypeError(
      `Cannot use ${String(option)} for children: it is ${POLICIES.join(", ")}, or these by image name`,
    );
  }
  const list = typeof option === "string" ? [["*", option]] : Object.entries(option);
  return list.map(([pattern, policy]) => {
    if (!POLICIES.includes(policy as string)) {
      throw new TypeError(`Cannot use "${policy}" for children: it is ${POLICIES.join(", ")}, or these by image name`);
    }
    return { pattern: pattern as string, policy: policy as ChildPolicy };
  });
}

/** Whether any child can become known: otherwise Windows need not be asked for them. */
export function knowsChildren(policies: ChildPolicies): boolean {
  return policies.some(({ policy }) => policy !== "ignore");
}

/** What becomes of a child, by the path or name of its image. */
export function policyOf(policies: ChildPolicies, imageName: string): ChildPolicy {
  const name = imageName.split(/[\\/]/).at(-1) ?? "";
  return policies.find(({ pattern }) => fitsPattern(pattern, name))?.policy ?? "ignore";
}
