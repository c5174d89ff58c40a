"use strict";
// Draws the exchanges and timelines from the data that the page holds, and searches them. Whatever
// comes from a log becomes text nodes only.

const PAGE = 100;
const data = (id) => JSON.parse(document.getElementById(id).textContent);
const exchanges = data("exchange-data");
const timelines = data("timeline-data");
const byId = (id) => document.getElementById(id);

function make(tag, kind, ...children) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

// -- one exchange ---------------------------------------------------------------------------

function pane(frame, side) {
  const head = make("p", "head",
    make("b", "", frame.kind || frame.action || ""),
    frame.by ? make("span", "badge by", `answered by the ${frame.by}`) : "",
    make("code", "id", frame.id));
  const body = make("div", "json");
  for (const [depth, text, mark, note] of frame.lines) {
    const line = make("div", mark ? `line ${mark}` : "line", make("code", "", text));
    line.style.setProperty("--depth", depth);
    const said = note && mark === "moved" ? `${side === "in" ? "to" : "from"} ${note}` : note;
    if (said) line.append(make("span", "note", said));
    else if (mark) line.append(make("span", "unseen", ` (${mark})`));
    body.append(line);
  }
  return make("div", "pane", head, body);
}

function column(row, side, name, empty) {
  const cell = make("div", `side ${side}`, make("h4", "", `${row.name}, ${name}`));
  cell.append(...row[side].map((frame) => pane(frame, side)));
  if (!row[side].length) cell.append(make("p", "empty", empty));
  if (side === "out" && row.more) cell.append(make("p", "empty", `${row.more} more are not shown`));
  return cell;
}

function listed(name, texts) {
  if (!texts.length) return "";
  return make("p", "told", make("b", "", `${name}: `),
    ...texts.flatMap((text, n) => [n ? ", " : "", make("code", "", text)]));
}

function findings(exchange) {
  if (!exchange.findings.length) return "";
  return make("ul", "findings", ...exchange.findings.map(([level, rule, path, sentence, repair]) =>
    make("li", level, make("b", "", level), " ", path ? make("code", "", path) : "", " ", sentence,
      " ", make("span", "quiet", `[${rule}]${repair ? `, mended by ${repair}` : ""}`))));
}

function detail(exchange) {
  const both = exchange.rows.some((row) => row.out.length || row.told);
  const grid = make("div", both ? "grid" : "grid single");
  const translated = exchange.fate !== "";
  for (const row of exchange.rows) {
    grid.append(column(row, "in", "as logged", "none in the log"));
    const name = translated ? "as put out" : "as repaired";
    const empty = row.told || (translated ? "none" : "needs no repair");
    if (both) grid.append(column(row, "out", name, empty));
  }
  return make("div", "detail",
    make("p", "told quiet", "from ", make("code", "", exchange.place), `, OCPP ${exchange.version}`),
    findings(exchange), listed("Repaired", exchange.repairs), listed("Lost", exchange.lost), grid);
}

function badges(exchange) {
  const shown = make("span", "badges");
  for (const level of ["error", "warning", "note"]) {
    const count = exchange.findings.filter((finding) => finding[0] === level).length;
    if (count) shown.append(make("span", `badge ${level}`, `${count} ${level}${count > 1 ? "s" : ""}`));
  }
  if (exchange.tags.includes("repaired")) shown.append(make("span", "badge repaired", "repaired"));
  if (exchange.lost.length) shown.append(make("span", "badge lost", `${exchange.lost.length} lost`));
  if (exchange.tags.includes("no answer")) shown.append(make("span", "badge quiet", "no answer"));
  if (exchange.fate && exchange.fate !== "translated") {
    shown.append(make("span", "badge fate", exchange.fate));
  }
  return shown;
}

function named(station) {
  const name = make("span", "station", station);
  name.title = station;
  return name;
}

function moment(time) {
  return time.replace("T", " ").replace("Z", "");
}

function entry(exchange, number) {
  const up = exchange.side === "station";
  const route = make("span", "route", exchange.action);
  if (exchange.becomes.length && exchange.becomes.join() !== exchange.action) {
    route.append(make("span", "becomes", ` becomes ${exchange.becomes.join(", ")}`));
  }
  const button = make("button", "row",
    make("time", "", moment(exchange.time)),
    named(exchange.station),
    make("span", "from", up ? "station \u2192" : "\u2190 CSMS"),
    route, make("code", "id", exchange.id), badges(exchange));
  const item = make("li", "exchange", button);
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", `detail-${number}`);
  const toggle = (open) => {
    button.setAttribute("aria-expanded", String(open));
    if (open && !item.querySelector(".detail")) {
      const shown = detail(exchange);
      shown.id = `detail-${number}`;
      item.append(shown);
    }
    item.classList.toggle("open", open);
  };
  button.addEventListener("click", () => toggle(!item.classList.contains("open")));
  return { item, toggle };
}

// -- searching ------------------------------------------------------------------------------

const texts = exchanges.map((exchange) => null);

function textOf(number) {
  if (texts[number] === null) {
    const e = exchanges[number];
    const lines = e.rows.flatMap((row) => [...row.in, ...row.out]).flatMap((frame) =>
      [frame.action, frame.kind, ...frame.lines.map((line) => line[1])]);
    texts[number] = [e.station, e.time, e.action, ...e.ids, ...e.becomes, e.place, e.fate, ...e.tags,
      ...e.lost, ...e.repairs, ...e.findings.flat(), ...lines].join("\n").toLowerCase();
  }
  return texts[number];
}

function wanted() {
  const words = byId("words").value.trim();
  const station = byId("station").value;
  const action = byId("action").value;
  const tag = byId("tag").value;
  const named = exchanges.some((e) => e.ids.includes(words));
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
  return exchanges.flatMap((e, number) =>
    (!station || e.station === station) && (!action || e.action === action) &&
    (!tag || e.tags.includes(tag)) &&
    (named ? e.ids.includes(words) : parts.every((part) => textOf(number).includes(part)))
      ? [number] : []);
}

let numbers = [];
let shown = 0;

function showMore() {
  const list = byId("list");
  for (const number of numbers.slice(shown, shown + PAGE)) {
    const { item, toggle } = entry(exchanges[number], number);
    list.append(item);
    if (numbers.length === 1) toggle(true);
  }
  shown = Math.min(shown + PAGE, numbers.length);
  byId("more").hidden = shown >= numbers.length;
  byId("more").textContent = `Show more (${numbers.length - shown} left)`;
}

function search() {
  numbers = wanted();
  shown = 0;
  byId("list").replaceChildren();
  const count = numbers.length;
  byId("found").textContent = count === exchanges.length ? "" :
    `${count.toLocaleString("en")} of ${exchanges.length.toLocaleString("en")} match`;
  showMore();
}

function fill(id, values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) || 0) + 1);
  for (const value of [...counts.keys()].sort()) {
    const option = make("option", "", `${value} (${counts.get(value)})`);
    option.value = value;
    byId(id).append(option);
  }
}

function prepareSearch() {
  if (!byId("search")) return;
  fill("station", exchanges.map((e) => e.station));
  fill("action", exchanges.map((e) => e.action));
  fill("tag", exchanges.flatMap((e) => e.tags));
  const form = byId("search");
  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, exchanges.length > 500 ? 150 : 0);
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); search(); });
  form.addEventListener("reset", () => setTimeout(search, 0));
  byId("more").addEventListener("click", showMore);
  search();
}

// -- timelines ------------------------------------------------------------------------------

const SVG = "http://www.w3.org/2000/svg";
const LEVELS = ["", "note", "warning", "error"];

function draw(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function clock(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}

// One path a level: a page may hold a thousand stations.
function bars(line, cells) {
  const image = draw("svg", {
    viewBox: `0 0 ${line.spans} 100`, preserveAspectRatio: "none", class: "bars", role: "img",
    "aria-label": `${cells.reduce((sum, cell) => sum + cell[1], 0)} exchanges`,
  });
  const most = Math.max(...cells.map((cell) => cell[1]));
  const wide = Math.min(0.9, line.spans / 60);
  const paths = LEVELS.map(() => []);
  for (const [span, count, severity] of cells) {
    const tall = Math.max(15, 100 * Math.sqrt(count / most));
    paths[severity].push(`M${span + (1 - wide) / 2} 100v${-tall}h${wide}v${tall}z`);
  }
  paths.forEach((path, level) => {
    if (path.length) image.append(draw("path", { d: path.join(""), class: LEVELS[level] }));
  });
  image.append(tip(line, cells));
  return image;
}

function tip(line, cells) {
  const title = draw("title", {});
  const shown = cells.length > 12 ? [...cells.slice(0, 12), null] : cells;
  title.textContent = shown.map((cell) => cell === null ? "..." :
    `${clock(line.begin + cell[0] * line.width)}: ${cell[1]}${cell[2] ? `, with ${LEVELS[cell[2]]}s` : ""}`,
  ).join("\n");
  return title;
}

function lanes(line) {
  const shown = make("div", "lanes");
  for (const [action, cells] of line.lanes) {
    const button = make("button", "lane", action);
    button.type = "button";
    button.title = `Show the exchanges of ${action}`;
    button.addEventListener("click", () => filter(line.station, action));
    shown.append(button, bars(line, cells));
  }
  const all = make("button", "plain", "Show this station's exchanges");
  all.type = "button";
  all.addEventListener("click", () => filter(line.station, ""));
  shown.append(all);
  return shown;
}

function filter(station, action) {
  byId("search").reset();
  byId("station").value = station;
  byId("action").value = action;
  search();
  byId("exchanges").scrollIntoView();
  byId("words").focus({ preventScroll: true });
}

function drawTimelines() {
  const place = byId("timelines");
  if (!place) return;
  for (const line of timelines) {
    const count = line.all.reduce((sum, cell) => sum + cell[1], 0);
    const summary = make("summary", "",
      named(line.station), bars(line, line.all),
      make("span", "span quiet", `${clock(line.begin)} to ${clock(line.begin + line.spans * line.width)}`),
      make("span", "number", count.toLocaleString("en")));
    const box = make("details", "timeline", summary);
    box.addEventListener("toggle", () => {
      if (box.open && !box.querySelector(".lanes")) box.append(lanes(line));
    });
    place.append(box);
  }
  if (timelines.length === 1) place.firstChild.open = true;
}

// -- findings -------------------------------------------------------------------------------

function prepareFilter() {
  const field = byId("filter");
  if (!field) return;
  const rows = [...document.querySelectorAll("#findings tbody tr")];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  field.addEventListener("input", () => {
    const parts = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, number) => {
      row.hidden = !parts.every((part) => texts[number].includes(part));
      count += row.hidden ? 0 : 1;
    });
    byId("filtered").textContent = parts.length ? `${count} of ${rows.length} match` : "";
  });
}

drawTimelines();
prepareSearch();
prepareFilter();
