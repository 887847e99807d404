// Pictures of what stands in tables, and of the host's samples, by uPlot.
//
// Colours are those of the style sheet. Nothing here is the only place where a
// number can be read.

const drawn = new Map();

/** A colour of the style sheet as it is now, in light or in dark. */
function token(name) {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

/** Points in time as they stand everywhere else: in UTC, by day where a chart
 * spans more than two. */
function times(_, ticks) {
  const spans = ticks[ticks.length - 1] - ticks[0];
  const [from, to] = spans > 2 * 86400 ? [0, 10] : [11, 19];
  return ticks.map((at) => new Date(at * 1000).toISOString().slice(from, to));
}

const units = {
  count: (value) => value.toLocaleString("en"),
  micros: (value) => `${(value / 1000).toLocaleString("en")} ms`,
  percent: (value) => `${value.toLocaleString("en")} %`,
};

function options(width, series, unit) {
  const format = units[unit] ?? units.count;
  const axis = {
    stroke: token("--muted"),
    font: "12px system-ui, sans-serif",
    grid: { stroke: token("--line"), width: 1 },
    ticks: { stroke: token("--line"), width: 1 },
  };
  return {
    width,
    height: 180,
    cursor: { drag: { x: false, y: false } },
    legend: { show: series.length > 1, live: false },
    scales: { y: { range: (_, min, max) => [Math.min(0, min), max > 0 ? max * 1.1 : 1] } },
    axes: [{ ...axis, space: 80, size: 30, values: times }, { ...axis, size: 64, values: (_, ticks) => ticks.map(format) }],
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
    series: [{}, ...series.map((label, at) => line(label, at))],
  };
}

const line = (label, at) => ({
  label,
  stroke: token(`--part-${at % 6}`),
  width: 1.5,
  spanGaps: true,
  points: { show: false },
});

/** Draws a figure's data in the place of its picture. */
function draw(figure, data, series, unit) {
  const width = Math.max(240, figure.clientWidth - 24);
  drawn.get(figure)?.destroy();
  figure.querySelector(":scope > .empty")?.remove();
  let place = figure.querySelector(".picture");
  if (!place) {
    place = document.createElement("div");
    place.className = "picture";
    place.setAttribute("aria-hidden", "true");
    figure.querySelector("figcaption").after(place);
  }
  drawn.set(figure, new uPlot(options(width, series, unit), data, place));
}

/** The lines of a view, from the table that they stand in. */
function fromTable(figure) {
  const table = figure.querySelector("table");
  if (!table) return;
  const labels = [...table.querySelectorAll("thead th")].slice(1).map((th) => th.textContent);
  const rows = [...table.querySelectorAll("tbody tr")];
  const at = rows.map((row) => Date.parse(row.querySelector("time").dateTime) / 1000);
  const value = (cell) => {
    const data = cell?.querySelector("data");
    return data ? Number(data.value) : null;
  };
  const columns = labels.map((_, place) => rows.map((row) => value(row.cells[place + 1])));
  draw(figure, [at, ...columns], labels, figure.dataset.kind);
}

function tables(root) {
  for (const figure of root.querySelectorAll("figure[data-lines]")) fromTable(figure);
  for (const figure of drawn.keys()) {
    if (!figure.isConnected) drawn.delete(figure);
  }
}

let samples = null;

/** The lines of a figure: the columns that it names, each with its label, or
 * one for each plugin. */
function lines(names) {
  if (names === "plugins") return Object.entries(samples.plugins);
  return names.split(" ").map((one) => {
    const [name, label] = one.split(":");
    return [label ?? name, samples[name]];
  });
}

/** The host's samples. */
function fromSamples() {
  if (!samples || samples.at.length === 0) return;
  for (const figure of document.querySelectorAll("figure[data-samples]")) {
    const shown = lines(figure.dataset.samples);
    const labels = shown.map(([label]) => label);
    const data = [samples.at, ...shown.map(([, column]) => column)];
    const chart = drawn.get(figure);
    // Other plugins may have taken the place of those that were shown.
    if (chart && figure.dataset.labels === labels.join(" ")) {
      chart.setData(data);
    } else if (labels.length > 0) {
      figure.dataset.labels = labels.join(" ");
      draw(figure, data, labels, figure.dataset.unit);
    }
  }
}

async function sample() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/internals/samples");
    if (answer.ok) samples = await answer.json();
    fromSamples();
  } catch {
    // The next one may come through; the page says that the host is away.
  }
}

function redraw() {
  for (const chart of drawn.values()) chart.destroy();
  drawn.clear();
  tables(document);
  fromSamples();
}

tables(document);
document.addEventListener("lombard:shown", (event) => tables(event.detail));
document.addEventListener("lombard:theme", redraw);
let resizing = 0;
addEventListener("resize", () => {
  clearTimeout(resizing);
  resizing = setTimeout(redraw, 150);
});
if (document.querySelector("figure[data-samples]")) {
  sample();
  setInterval(sample, 2000);
}
