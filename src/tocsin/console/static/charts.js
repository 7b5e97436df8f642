// Sets what has changed in charts, without Vue, which would look at every point of every line.
(() => {
  const SOON = 50;

  // ECharts takes numbers in a row as they are; arrays of points it would copy one by one.
  const inRow = (points) => Float64Array.from(points.flat(), (value) => value ?? NaN);
  const ofTime = (points) => points.every((point) => Array.isArray(point) && point.length === 2);

  const told = (element, change, index) => {
    const [drop, keep, add] = change;
    const points = (element.points[index] ?? []).slice(drop, drop + keep).concat(add);
    element.points[index] = points;
    return ofTime(points) ? { data: inRow(points), dimensions: ["x", "y"] } : { data: points };
  };

  const set = (find, [id, options, points]) => {
    const element = find(id);
    if (!element) return;
    if (!element.chart) {
      setTimeout(() => set(find, [id, options, points]), SOON);
      return;
    }
    element.points ??= [];
    const series = points.map((change, index) => ({
      ...options.series?.[index],
      ...(change && told(element, change, index)),
    }));
    element.chart.setOption({ ...options, series }, { lazyUpdate: true, silent: true });
  };

  window.openTrace = (pressed) => {
    if (/^[0-9a-f]{32}$/.test(pressed?.name)) window.open(`/logs?trace=${pressed.name}`, "_blank", "noopener");
  };

  window.changeCharts = (find, changes) => changes.forEach((change) => set(find, change));
})();
