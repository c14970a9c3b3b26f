"use strict";
(() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("data").textContent);

  // Tables: a heading's button sorts by its column, numbers first by value, then the other way round.
  const value = (row, at) => {
    const cell = row.cells[at];
    return cell === undefined ? "" : cell.dataset.sort ?? cell.textContent;
  };
  const compare = (one, other) => {
    const [a, b] = [Number(one), Number(other)];
    if (one !== "" && other !== "" && !Number.isNaN(a) && !Number.isNaN(b)) return a - b;
    return one.localeCompare(other, undefined, { numeric: true });
  };
  for (const table of document.querySelectorAll("table.sorts")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, at) => {
      head.querySelector("button").addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        for (const one of heads) one.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((one, other) => (up ? 1 : -1) * compare(value(one, at), value(other, at)));
        table.tBodies[0].append(...rows);
      });
    });
  }

  // Charts. They are drawn anew when the width, the colours or the medium change.
  const color = (name) => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const clock = (seconds) => {
    if (seconds < 120) return Math.round(seconds * 10) / 10 + " s";
    if (seconds < 7200) return Math.round(seconds / 6) / 10 + " min";
    return Math.round(seconds / 360) / 10 + " h";
  };
  const short = (number) => {
    if (number == null) return "";
    const size = Math.abs(number);
    if (size >= 1e6) return +(number / 1e6).toPrecision(3) + " M";
    if (size >= 1e4) return +(number / 1e3).toPrecision(3) + " k";
    return String(+number.toPrecision(3));
  };
  const time = (ms) => {
    if (ms == null) return "";
    if (ms >= 1000) return +(ms / 1000).toPrecision(3) + " s";
    if (ms >= 1) return +ms.toPrecision(3) + " ms";
    return +(ms * 1000).toPrecision(3) + " µs";
  };
  const font = '12px system-ui, "Noto Sans", "Liberation Sans", sans-serif';
  // Seconds are cut where clocks are.
  const steps = [0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];
  const times = () => ({
    ...axis("", null, 30), incrs: steps,
    values: (_, splits, __, ___, step) => splits.map((at) => {
      if (step >= 3600) return at / 3600 + " h";
      if (step >= 60) return at / 60 + " min";
      return +at.toFixed(3) + " s";
    }),
  });
  const axis = (label, values, size) => ({
    label, labelFont: font, labelSize: label ? 18 : 0, font, size, stroke: color("soft"),
    grid: { stroke: color("grid"), width: 1 }, ticks: { stroke: color("grid"), width: 1, size: 4 },
    values: values && ((_, splits) => splits.map((at) => (at == null ? "" : values(at)))),
  });
  const line = (label, name, format, more) => ({
    label, stroke: color(name), width: 1.6, spanGaps: false, points: { show: false },
    value: (_, raw) => format(raw), ...more,
  });
  // Straight lines with a label: limits across, marks down.
  const lines = (across, down) => ({
    hooks: { draw: [(plot) => {
      const { ctx, bbox } = plot;
      const ratio = devicePixelRatio || 1;
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
      ctx.clip();
      ctx.font = 11 * ratio + "px system-ui, \"Noto Sans\", sans-serif";
      ctx.lineWidth = ratio;
      ctx.setLineDash([5 * ratio, 4 * ratio]);
      ctx.textBaseline = "bottom";
      for (const [at, text, name] of across) {
        if (at == null) continue;
        const y = plot.valToPos(at, "y", true);
        ctx.strokeStyle = ctx.fillStyle = color(name);
        ctx.beginPath(); ctx.moveTo(bbox.left, y); ctx.lineTo(bbox.left + bbox.width, y); ctx.stroke();
        ctx.textAlign = "right";
        ctx.fillText(text, bbox.left + bbox.width - 4 * ratio, y - 2 * ratio);
      }
      down.forEach(([at, text, name], number) => {
        if (at == null) return;
        const x = plot.valToPos(at, "x", true);
        ctx.strokeStyle = ctx.fillStyle = color(name);
        ctx.beginPath(); ctx.moveTo(x, bbox.top); ctx.lineTo(x, bbox.top + bbox.height); ctx.stroke();
        const toLeft = x > bbox.left + bbox.width * 0.6;
        ctx.textAlign = toLeft ? "right" : "left";
        ctx.fillText(text, x + (toLeft ? -4 : 4) * ratio, bbox.top + (14 + (number % 4) * 14) * ratio);
      });
      ctx.restore();
    }] },
  });
  const top = (least) => (_, low, high) => [0, Math.max(high, least || 0) * 1.12 || 1];
  const marksOf = (test) => test.marks.map(([at, kind, text]) => [at, kind === "inject" || kind === "undo" ? kind + ": " + text : text, "mark"]);
  const seconds = { x: { time: false } };
  const logarithmic = { distr: 3, range: (_, low, high) => [10 ** Math.floor(Math.log10(low || 1)), 10 ** Math.ceil(Math.log10((high || 10) * 1.01))] };
  const positive = (list) => list.map((one) => (one > 0 ? one : null));
  // Of a logarithmic axis, only powers of ten are labelled, and halves where there is but one decade.
  const decades = (splits) => splits.map((at) => (Number.isInteger(+Math.log10(at).toFixed(6)) ? at : null));

  const kinds = {
    "load-curve": () => {
      const { points, expected, target, knee } = data.load;
      if (points.length === 0) return null;
      const offered = points.map((one) => one[0]);
      return {
        data: [offered, points.map((one) => one[1]), offered],
        options: {
          scales: { x: { time: false, range: top() }, y: { range: top() } },
          axes: [axis("offered, journeys/s", short, 34), axis("goodput, journeys/s", short, 52)],
          series: [
            { label: "offered", value: (_, raw) => short(raw) },
            line("goodput", "one", short, { points: { show: true, size: 6, fill: color("one") } }),
            line("all of it served", "soft", short, { dash: [3, 4], width: 1 }),
          ],
          plugins: [lines([], [[expected, "expected", "three"], [target, "target", "two"], [knee, "knee", "bad"]])],
        },
      };
    },
    "capacity-rates": () => {
      const rates = data.capacity.rates;
      // What has no finite figure stands at the upper edge.
      const infinite = { hooks: { draw: [(plot) => {
        const ratio = devicePixelRatio || 1;
        plot.ctx.save();
        plot.ctx.font = 14 * ratio + "px system-ui, \"Noto Sans\", sans-serif";
        plot.ctx.fillStyle = color("two");
        plot.ctx.textAlign = "center";
        plot.ctx.textBaseline = "top";
        for (const at of rates.infinite) plot.ctx.fillText("∞", plot.valToPos(at, "x", true), plot.bbox.top);
        plot.ctx.restore();
      }] } };
      return {
        data: [rates.rate, positive(rates.p99), rates.goodput, rates.rate],
        options: {
          scales: { x: { time: false, range: top(Math.max(rates.peak || 0, rates.target || 0)) }, y: logarithmic, many: { range: top() } },
          axes: [
            axis("offered, journeys/s", short, 34),
            { ...axis("", null, 62), filter: (_, splits) => decades(splits), values: (_, splits) => splits.map((at) => (at == null ? "" : time(at))) },
            { ...axis("goodput, journeys/s", short, 52), side: 1, scale: "many", grid: { show: false } },
          ],
          series: [
            { label: "offered", value: (_, raw) => short(raw) },
            line("p99", "two", time, { points: { show: true, size: 6, fill: color("two") } }),
            line("goodput", "one", short, { scale: "many", points: { show: true, size: 6, fill: color("one") } }),
            line("all of it served", "soft", short, { scale: "many", dash: [3, 4], width: 1 }),
          ],
          plugins: [infinite, lines([[rates.limit, "limit", "two"]], [
            [rates.sustained, rates.at_least ? "borne, at least" : "borne", "good"], [rates.not_proven, "not shown to be borne", "bad"], [rates.too_much, "too much", "bad"], [rates.knee, "knee", "four"],
            [rates.peak, "peak", "three"], [rates.target === rates.peak ? null : rates.target, "target", "three"],
          ])],
        },
      };
    },
    "capacity-law": () => {
      const law = data.capacity.law;
      return {
        data: [law.in_flight, law.measured, law.law],
        options: {
          scales: { x: { time: false, range: top() }, y: { range: top() } },
          axes: [axis("requests in flight", short, 34), axis("requests/s", short, 52)],
          series: [
            { label: "in flight", value: (_, raw) => short(raw) },
            line("measured", "two", short, { paths: () => null, points: { show: true, size: 8, fill: color("two") } }),
            line("by the law", "one", short, { spanGaps: true }),
          ],
          plugins: [lines([], [[law.n_max, "Nmax", "bad"]])],
        },
      };
    },
    "capacity-forecast": () => {
      const forecast = data.capacity.forecast;
      const tones = ["one", "two", "four", "three"];
      return {
        data: [forecast.month, ...forecast.growths.map((one) => one[1])],
        options: {
          scales: { x: { time: false }, y: { range: top(forecast.limit) } },
          axes: [{ ...axis("months from now", short, 34), incrs: [1, 2, 3, 6, 12, 24] }, axis("peak, journeys/s", short, 52)],
          series: [
            { label: "month", value: (_, raw) => short(raw) },
            ...forecast.growths.map(([growth], at) => line("peak at " + growth, tones[at % tones.length], short)),
          ],
          plugins: [lines([[forecast.limit, forecast.limit_text, "bad"]], forecast.meets.map(([month, text], at) => [month, text, tones[at % tones.length]]))],
        },
      };
    },
    load: (test) => ({
      data: [test.time, test.offered, test.goodput],
      options: {
        scales: { ...seconds, y: { range: top((test.target || test.expected || 0) * 1.02) } },
        axes: [times(), axis("", short, 52)],
        series: [
          { label: "after", value: (_, raw) => (raw == null ? "" : clock(raw)) },
          line("offered/s", "soft", short, { dash: [6, 3] }),
          line("goodput/s", "one", short, { fill: color("one") + "22" }),
        ],
        plugins: [lines([[test.expected, "expected", "three"], [test.target, "target", "two"]], marksOf(test))],
      },
    }),
    latency: (test) => ({
      data: [test.time, test.p50, test.p95, test.p99, test.max].map((list, at) => (at ? positive(list) : list)),
      options: {
        scales: { ...seconds, y: logarithmic },
        axes: [times(), { ...axis("", null, 62), filter: (_, splits) => decades(splits), values: (_, splits) => splits.map((at) => (at == null ? "" : time(at))) }],
        series: [
          { label: "after", value: (_, raw) => (raw == null ? "" : clock(raw)) },
          line("p50", "three", time), line("p95", "one", time), line("p99", "two", time),
          line("max", "soft", time, { width: 1, dash: [2, 3] }),
        ],
        plugins: [lines([], marksOf(test))],
      },
    }),
    errors: (test) => {
      const layers = [["failed", "two"], ["timeout", "four"], ["shed", "one"], ["dropped", "soft"]]
        .filter(([name]) => test[name].some((one) => one > 0));
      const sums = [];
      let below = test.time.map(() => 0);
      for (const [name] of layers) {
        below = below.map((sum, at) => sum + test[name][at]);
        sums.push(below);
      }
      return {
        // The highest sum is painted first, so that each layer shows its own share.
        data: [test.time, ...sums.slice().reverse()],
        options: {
          scales: { ...seconds, y: { range: top() } },
          axes: [times(), axis("requests/s", short, 52)],
          series: [
            { label: "after", value: (_, raw) => (raw == null ? "" : clock(raw)) },
            ...layers.slice().reverse().map(([name, tone]) => line(name, tone, short, {
              fill: color(tone), width: 0,
              value: (plot, raw, series, at) => (at == null ? "" : short(test[name][at])),
            })),
          ],
          plugins: [lines([], marksOf(test))],
        },
      };
    },
    curve: (test) => {
      const nines = (quantile) => -Math.log10(Math.max(1 - quantile, 1e-9));
      const from = test.failed_from == null ? null : nines(test.failed_from);
      return {
        data: [test.curve.map((one) => nines(one[0])), positive(test.curve.map((one) => one[1]))],
        options: {
          scales: { x: { time: false }, y: logarithmic },
          axes: [
            { ...axis("percentile", (at) => +(100 * (1 - 10 ** -at)).toFixed(5) + " %", 34), splits: (_, __, low, high) => { const all = []; for (let at = Math.ceil(low); at <= high; at += 1) all.push(at); return all; } },
            { ...axis("", null, 62), filter: (_, splits) => decades(splits), values: (_, splits) => splits.map((at) => (at == null ? "" : time(at))) },
          ],
          series: [
            { label: "percentile", value: (_, raw) => (raw == null ? "" : (100 * (1 - 10 ** -raw)).toFixed(3) + " %") },
            line("response time", "one", time),
          ],
          plugins: [lines([], from == null ? [] : [[from, "not ok from here", "bad"]])],
        },
      };
    },
    resources: (test, number) => {
      const target = test.resources[number];
      return {
        data: [target.time, target.processors, target.rss_mb, target.descriptors],
        options: {
          scales: { ...seconds, y: { range: top() }, many: { range: top() } },
          axes: [times(), axis("processors", short, 50), { ...axis("MB, descriptors", short, 52), side: 1, scale: "many", grid: { show: false } }],
          series: [
            { label: "after", value: (_, raw) => (raw == null ? "" : clock(raw)) },
            line("processors", "one", short), line("memory, MB", "two", short, { scale: "many" }),
            line("descriptors", "three", short, { scale: "many", dash: [4, 3] }),
          ],
          plugins: [lines([], marksOf(test))],
        },
      };
    },
  };

  const height = () => (root.classList.contains("printing") ? 180 : 240);
  const drawn = [];
  const draw = (figure) => {
    const kind = kinds[figure.dataset.chart];
    const box = figure.querySelector(".plot");
    const made = kind && kind(data.tests[figure.dataset.test], Number(figure.dataset.number));
    if (!made || made.data[0].length === 0) return;
    const width = Math.max(box.clientWidth, 200);
    box.replaceChildren();
    const plot = new uPlot({ width, height: height(), cursor: { drag: { x: true, y: false } }, ...made.options }, made.data, box);
    drawn.push({ figure, box, plot });
  };
  const drawAll = () => {
    for (const { plot } of drawn.splice(0)) plot.destroy();
    document.querySelectorAll("figure[data-chart]").forEach(draw);
  };
  drawAll();
  const observer = new ResizeObserver(() => {
    for (const { box, plot } of drawn) {
      const width = Math.max(box.clientWidth, 200);
      if (width !== plot.width) plot.setSize({ width, height: height() });
    }
  });
  document.querySelectorAll(".plot").forEach((box) => observer.observe(box));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  addEventListener("beforeprint", () => { root.classList.add("printing"); drawAll(); });
  addEventListener("afterprint", () => { root.classList.remove("printing"); drawAll(); });
})();
