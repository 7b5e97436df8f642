// Sets what has changed in charts, without Vue, which would look at every point of every line.
// A chart out of sight is set when it comes into sight.
(() => {
  const SOON = 20;
  const TRIES = 100; // The chart is there a moment after its element.

  // ECharts takes numbers in a row as they are; arrays of points it would copy one by one.
  const inRow = (points) => Float64Array.from(points.flat(), (value) => value ?? NaN);
  const ofTime = (points) => points.every((point) => Array.isArray(point) && point.length === 2);
  const data = (points) => (ofTime(points) ? { data: inRow(points), dimensions: ["x", "y"] } : { data: points });

  const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const merge = (into, options) => {
    for (const [name, value] of Object.entries(options)) {
      if (isMap(value) && isMap(into[name])) merge(into[name], value);
      else into[name] = value;
    }
    return into;
  };

  class Told {
    points = [];
    options = {};
    moved = new Set();
    seen = true;

    constructor(element) {
      this.element = element;
      new IntersectionObserver((entries) => {
        this.seen = entries.at(-1).isIntersecting;
        if (this.seen) this.draw();
      }).observe(element.$el);
    }

    hear([options, points]) {
      merge(this.options, options);
      points.forEach((change, index) => {
        if (change === null) return;
        const [drop, keep, add] = change;
        this.points[index] = (this.points[index] ?? []).slice(drop, drop + keep).concat(add);
        this.moved.add(index);
      });
      this.count = points.length;
      if (this.seen) this.draw();
    }

    draw() {
      if (!this.moved.size && !Object.keys(this.options).length) return;
      const series = Array.from({ length: this.count }, (_, index) => ({
        ...this.options.series?.[index],
        ...(this.moved.has(index) && data(this.points[index])),
      }));
      this.element.chart.setOption({ ...this.options, series }, { lazyUpdate: true, silent: true });
      this.options = {};
      this.moved.clear();
    }
  }

  const change = (find, id, what, tries = TRIES) => {
    const element = find(id);
    if (element?.chart) (element.told ??= new Told(element)).hear(what);
    else if (tries) setTimeout(() => change(find, id, what, tries - 1), SOON);
  };

  window.changeChart = change;

  window.openTrace = (pressed) => {
    if (/^[0-9a-f]{32}$/.test(pressed?.name)) window.open(`/logs?trace=${pressed.name}`, "_blank", "noopener");
  };
})();
