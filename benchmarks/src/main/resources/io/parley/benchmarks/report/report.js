'use strict';
(function () {
  const data = JSON.parse(document.getElementById('data').textContent);
  const rows = new Map(data.rows.map(row => [row.label, row]));
  const shapes = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'triangle-right', 'triangle-left'];
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colorOf = label => css(rows.get(label).color < 0 ? '--cn1' : '--c' + rows.get(label).color % 8);
  const shapeOf = label => rows.get(label).color < 0 ? 'circle' : shapes[rows.get(label).color % 8];
  const narrow = () => document.documentElement.clientWidth < 560;

  function config() {
    const text = css('--text'), soft = css('--soft'), line = css('--line');
    return {
      background: 'transparent',
      font: 'system-ui, sans-serif',
      view: {stroke: null},
      axis: {labelColor: soft, titleColor: text, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 11,
          titleFontSize: 12, titleFontWeight: 500, labelLimit: 130},
      legend: {labelColor: text, titleColor: text, labelFontSize: 12, labelLimit: 150, symbolLimit: 0},
      title: {color: text, fontSize: 13, fontWeight: 600, anchor: 'start'}
    };
  }

  function scales(labels, legend = null) {
    return {
      color: {field: 'row', type: 'nominal', sort: null, scale: {domain: labels, range: labels.map(colorOf)}, legend},
      shape: {field: 'row', type: 'nominal', sort: null, scale: {domain: labels, range: labels.map(shapeOf)}, legend}
    };
  }

  function scatter(point) {
    const trained = mean => rows.get(mean.row).role !== 'reference';
    const known = mean => mean.mimicry !== null && mean.ignoring !== null;
    const means = point.means.filter(known).filter(trained);
    const references = point.means.filter(known).filter(mean => !trained(mean));
    const seeds = point.seeds.filter(known).filter(trained);
    const labels = means.map(mean => mean.row);
    const legend = {title: null, orient: 'bottom', columns: narrow() ? 2 : 4, symbolSize: 90, symbolStrokeWidth: 0,
        symbolOpacity: 1};
    const base = scales(labels, legend);
    const x = {field: 'ignoring', type: 'quantitative', title: 'Ignoring', scale: {domain: [-0.02, 1.02], nice: false},
        axis: {values: [0, 0.2, 0.4, 0.6, 0.8, 1]}};
    const y = {field: 'mimicry', type: 'quantitative', title: 'Mimicry', scale: {domain: [-0.02, 1.02], nice: false},
        axis: {values: [0, 0.2, 0.4, 0.6, 0.8, 1]}};
    const tooltip = [{field: 'row', title: 'agent'}, {field: 'mimicry', format: '.2f'}, {field: 'ignoring', format: '.2f'}];
    const interval = means.filter(mean => mean.mimicryLow !== null && mean.ignoringLow !== null).map(mean => ({
      ...mean,
      mimicryLow: Math.max(0, mean.mimicryLow), mimicryHigh: Math.min(1, mean.mimicryHigh),
      ignoringLow: Math.max(0, mean.ignoringLow), ignoringHigh: Math.min(1, mean.ignoringHigh)
    }));
    return {
      width: 'container', height: narrow() ? 290 : 380,
      layer: [
        {data: {values: references},
            mark: {type: 'point', shape: 'circle', filled: false, size: 150, color: css('--soft'), strokeDash: [2, 2]},
            encoding: {x, y, tooltip}},
        {data: {values: references},
            mark: {type: 'text', color: css('--soft'), fontSize: 11, dx: {expr: 'datum.ignoring > 0.5 ? -11 : 11'},
                dy: {expr: 'datum.mimicry > 0.5 ? 3 : -12'}, align: {expr: "datum.ignoring > 0.5 ? 'right' : 'left'"}},
            encoding: {x, y, text: {field: 'row'}}},
        {data: {values: seeds}, mark: {type: 'point', filled: true, size: 22, opacity: 0.45},
            encoding: {x, y, ...base, tooltip: [...tooltip, {field: 'seed'}]}},
        {data: {values: interval}, mark: {type: 'rule', strokeWidth: 1.5},
            encoding: {x, y: {...y, field: 'mimicryLow'}, y2: {field: 'mimicryHigh'}, color: base.color}},
        {data: {values: interval}, mark: {type: 'rule', strokeWidth: 1.5},
            encoding: {y, x: {...x, field: 'ignoringLow'}, x2: {field: 'ignoringHigh'}, color: base.color}},
        {data: {values: means}, mark: {type: 'point', filled: true, size: 110, opacity: 1}, encoding: {x, y, ...base, tooltip}}
      ]
    };
  }

  function regret(point) {
    const means = point.means.filter(mean => mean.regret !== null);
    const labels = means.map(mean => mean.row);
    const base = scales(labels);
    const y = {field: 'row', type: 'nominal', sort: labels, title: null,
        axis: {grid: false, ticks: false, domain: false, labelPadding: 6, labelColor: css('--text')}};
    const x = {field: 'regret', type: 'quantitative', title: 'Regret, reward an episode', scale: {zero: true},
        axis: {tickCount: narrow() ? 4 : 7}};
    return {
      width: 'container', height: {step: 26},
      layer: [
        {data: {values: point.seeds.filter(seed => seed.regret !== null)},
            mark: {type: 'tick', thickness: 1.5, size: 10, opacity: 0.55},
            encoding: {x, y, color: base.color,
                tooltip: [{field: 'row', title: 'agent'}, {field: 'seed'}, {field: 'regret', format: '.3f'}]}},
        {data: {values: means.filter(mean => mean.regretLow !== null)}, mark: {type: 'rule', strokeWidth: 2},
            encoding: {x: {...x, field: 'regretLow'}, x2: {field: 'regretHigh'}, y, color: base.color}},
        {data: {values: means}, mark: {type: 'point', filled: true, size: 80, opacity: 1},
            encoding: {x, y, ...base, tooltip: [{field: 'row', title: 'agent'}, {field: 'regret', format: '.3f'}]}}
      ]
    };
  }

  function curve(curves, metric) {
    const values = [], labels = [];
    for (const run of curves.runs) {
      const numbers = run.values[metric];
      if (!numbers) continue;
      if (!labels.includes(run.row)) labels.push(run.row);
      numbers.forEach((value, bin) => {
        if (value !== null) values.push({row: run.row, seed: run.seed, x: curves.end * (bin + 1) / curves.bins, y: value});
      });
    }
    const color = scales(labels).color;
    const x = {field: 'x', type: 'quantitative', title: null, axis: {format: '~s', tickCount: 4, grid: false}};
    const y = {field: 'y', type: 'quantitative', title: null, scale: {zero: false}, axis: {tickCount: 4, format: '~g'}};
    return {
      title: metric, width: 'container', height: 150, data: {values},
      layer: [
        {mark: {type: 'line', strokeWidth: 1, opacity: 0.25}, encoding: {x, y, color, detail: {field: 'seed'}}},
        {mark: {type: 'line', strokeWidth: 2.2}, encoding: {x, y: {...y, aggregate: 'mean'}, color}}
      ]
    };
  }

  function draw(element, spec, name) {
    return vegaEmbed(element, {autosize: {type: 'fit-x', contains: 'padding'}, config: config(), ...spec}, {
      mode: 'vega-lite', renderer: 'svg', downloadFileName: name,
      actions: {export: {svg: true, png: true}, source: false, compiled: false, editor: false}
    }).then(result => {
      // The drawing alone is an image: beside it stands a menu, which must stay within reach.
      const drawing = result.view.container();
      drawing.setAttribute('role', 'img');
      drawing.setAttribute('aria-label', element.dataset.label);
    }).catch(error => { element.textContent = 'This chart could not be drawn: ' + error.message; });
  }

  function show(id) {
    const point = data.points[id];
    if (!point) return;
    for (const section of document.querySelectorAll('.point')) section.hidden = section.dataset.point !== String(id);
    for (const cell of document.querySelectorAll('.phase td')) {
      const link = cell.querySelector('a');
      cell.classList.toggle('chosen', link !== null && link.dataset.point === String(id));
    }
    const section = document.querySelector('.point[data-point="' + id + '"]');
    // Where no row has a place in the scatter, the page has none.
    const plane = section.querySelector('[data-chart=scatter]');
    if (plane) draw(plane, scatter(point), 'mimicry-ignoring');
    draw(section.querySelector('[data-chart=regret]'), regret(point), 'regret');
    const curves = section.querySelector('[data-chart=curves]');
    if (curves && point.curves) {
      curves.textContent = '';
      for (const metric of point.curves.metrics) {
        const element = document.createElement('div');
        element.dataset.label = 'Learning curve of ' + metric + '; its last values are in the table below';
        curves.append(element);
        draw(element, curve(point.curves, metric), 'curve-' + metric);
      }
    }
  }

  const pick = document.getElementById('pick');
  let current = pick ? pick.value : 0;
  const choose = id => { current = id; if (pick) pick.value = id; show(id); };
  if (pick) {
    pick.addEventListener('change', () => choose(pick.value));
    document.addEventListener('click', event => {
      const link = event.target.closest('a[data-point]');
      if (link) choose(link.dataset.point);
    });
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => show(current));
  show(current);
})();
