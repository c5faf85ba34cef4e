/** The plot of what scales how, as SVG. */
import { type Axis, CLIENTS, type Figure, type Point, TITLES } from "./scale.ts";

/** A chart for each figure: its axis, what it shows. */
const CHARTS = (Object.keys(TITLES) as Axis[]).flatMap((axis) =>
  (Object.entries(TITLES[axis]) as [Figure, string][]).map(([figure, title]) => ({ axis, figure, title }))
);

const WIDTH = 320;
const HEIGHT = 200;
const COLUMNS = 3;

/**
 * Draws the points, one chart for each figure, with Vega-Lite.
 * @param subtitle Lines about the machine.
 * @returns An SVG document.
 */
export async function plotScale(points: readonly Point[], subtitle: readonly string[]): Promise<string> {
  const [{ parse, View }, { compile }] = await Promise.all([import("npm:vega@6.4.0"), import("npm:vega-lite@6.5.0")]);
  const { spec } = compile(plan(points, subtitle) as unknown as Parameters<typeof compile>[0]);
  const view = new View(parse(spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

/** What Vega-Lite is to draw. */
export function plan(points: readonly Point[], subtitle: readonly string[]): Record<string, unknown> {
  const charts = CHARTS.map(({ axis, figure, title }) => ({
    title,
    width: WIDTH,
    height: HEIGHT,
    data: { values: points.filter((point) => point.axis === axis && point.figure === figure) },
    mark: { type: "line", point: true },
    encoding: {
      x: { field: "count", type: "quantitative", scale: { type: "log" }, title: axis },
      y: { field: "value", type: "quantitative", scale: { zero: true }, title: null },
      color: { field: "client", type: "nominal", sort: [...CLIENTS], title: null },
    },
  }));
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: { text: "Latch: cost beside many others", subtitle },
    background: "white",
    columns: COLUMNS,
    concat: charts,
  };
}
