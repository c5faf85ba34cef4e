import type { Need } from "./permissions.ts";
import { entryPath, fullPath, liesIn } from "./paths.ts";
import { refuse } from "./values.ts";

const NAME = "symbolPath";

/** The rights that a symbol path needs: one for each server and each folder in it, caches included. */
export function symbolNeeds(symbolPath: string): Need[] {
  return symbolPath.split(";").map((element) => element.trim()).filter((element) => element !== "").flatMap(placesOf);
}

function placesOf(element: string): Need[] {
  const [kind = "", ...places] = element.split("*").map((part) => part.trim());
  if (places.length === 0) return [placeNeed(kind)];
  const word = kind.toLowerCase();
  if (word !== "srv" && word !== "cache" && word !== "symsrv") refuse(NAME, `not understood: "${kind}*"`);
  // What stands behind symsrv* is a DLL that the engine loads.
  if (word === "symsrv" && places.shift()?.toLowerCase() !== "symsrv.dll") refuse(NAME, "a library of its own");
  return places.filter((place) => place !== "").map(placeNeed);
}

function placeNeed(place: string): Need {
  if (/^https?:/i.test(place)) return serverNeed(place);
  const path = place.startsWith("\\\\") ? sharePath(place) : fullPath(place, NAME);
  const covers = (entry: string): boolean => {
    const folder = entry.startsWith("\\\\") ? entry : entryPath(entry);
    return folder.toLowerCase() === path.toLowerCase() || liesIn(path, folder);
  };
  return { right: "symbols", value: path, allows: covers };
}

/** A folder of another machine, for example `\\lab7\symbols`. */
function sharePath(place: string): string {
  if (!/^\\\\[\w.-]+\\[\w$.-]+(?:\\[\w .-]+)*\\?$/.test(place) || /\\\.\.?(?:\\|$)|^\\\\[.?]\\/.test(place)) {
    refuse(NAME, "a share that is not understood");
  }
  return place;
}

function serverNeed(place: string): Need {
  const url = URL.parse(place);
  if (!url || url.username !== "" || url.password !== "") refuse(NAME, "a server that is not understood");
  const { host, hostname, href } = url;
  const covers = (entry: string): boolean => {
    const plain = entry.toLowerCase();
    return plain === host || plain === hostname || URL.parse(entry)?.href === href;
  };
  return { right: "symbols", value: href, allows: covers };
}
