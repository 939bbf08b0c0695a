import assert from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { spanningTree } from '../../dist/index.js';
import { losses, solve } from '../../docs/playground/solve.mjs';
import { structures } from '../../docs/playground/structures.mjs';
import { makeWasm, withoutTarget } from '../../scripts/browser/build.mjs';
import { bundlePlayground } from '../../scripts/browser/bundle.mjs';
import { serve } from '../../scripts/browser/serve.mjs';
import { root } from '../../scripts/paths.mjs';
import { chromium, withPage } from './browser.mjs';

const question = {
  structure: 'spanningTree',
  relaxation: 'exponential-family',
  temperature: 0.5,
  seed: 3,
  theta: [1, 0, -1, 0.5, 0, 0, 2, 0, 0, 0],
  loss: 'half',
};

test('an answer is what the library says', () => {
  const answer = solve(question);
  const trees = spanningTree({ vertices: 5, temperature: 0.5 });
  const sample = trees.sample(question.theta, { seed: 3 });
  assert.deepStrictEqual(answer.soft, [...sample.soft]);
  assert.deepStrictEqual(answer.hard, [...sample.hard]);
  assert.strictEqual(answer.text, inspect(sample));
});

test('a bad question is told what was expected', () => {
  const refuses = (change, message) => assert.throws(() => solve({ ...question, ...change }), { message });
  refuses({ structure: 'constructor' }, /^structure: expected one of oneHot, .*"constructor"/);
  refuses({ relaxation: 'none' }, /^relaxation: expected one of exponential-family/);
  refuses({ theta: [1] }, /^theta: expected 10 finite numbers/);
  refuses({ loss: 'x' }, /^loss: expected one of half/);
  refuses({ seed: -1 }, /^seed: /);
  refuses({ temperature: -1 }, /^temperature: /);
});

/** Every structure by every relaxation. */
const all = Object.entries(structures).flatMap(([structure, { relaxations, parameters }]) =>
  (relaxations.length > 0 ? relaxations : [undefined]).map((relaxation) => ({
    ...question,
    structure,
    relaxation,
    theta: parameters.map((_, i) => ((i * 7) % 5) / 4 - 0.5),
  })),
);

test('gradients are the slopes of the losses', () => {
  const step = 1e-5;
  // SparseMAP has kinks, which these draws do not hit.
  for (const one of all)
    for (const loss of Object.keys(losses)) {
      const { gradient } = solve({ ...one, loss });
      one.theta.forEach((_, i) => {
        const at = (shift) =>
          solve({ ...one, loss, theta: one.theta.map((x, j) => (i === j ? x + shift : x)) }).loss;
        const slope = (at(step) - at(-step)) / (2 * step);
        assert.ok(Math.abs(gradient[i] - slope) < 1e-7, `${one.structure} ${one.relaxation} ${loss} ${i}`);
      });
    }
});

test('the code that is copied prints the same', () => {
  mkdirSync(join(root, 'target'), { recursive: true });
  const folder = mkdtempSync(join(root, 'target', 'playground-'));
  try {
    for (const one of [all[0], all.at(-1), question]) {
      const { code, text, gradient } = solve(one);
      const file = join(folder, 'copied.mjs');
      writeFileSync(file, code);
      const { stdout, stderr } = spawnSync(process.execPath, [file], {
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
      });
      assert.ok(stdout.startsWith(`${text}\n`), stderr || stdout);
      for (const slope of gradient) assert.ok(stdout.includes(inspect(slope)), stdout);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const wasm = chromium !== undefined && (await makeWasm());
const without = chromium === undefined ? 'There is no Chromium here.' : withoutTarget;

test('in a browser: by keyboard, with names for a screen reader', { skip: !wasm && without }, async () => {
  const folder = join(root, 'target', 'playground-test');
  await bundlePlayground(folder);
  const server = await serve(folder);
  try {
    await withPage(`http://127.0.0.1:${server.address().port}/`, playWith);
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

async function playWith({ send, evaluate, until }) {
  const textOf = (id) => evaluate(`document.getElementById('${id}').value`);
  await until("document.querySelectorAll('#soft line').length === 10");
  assert.match(await evaluate("document.getElementById('status').textContent"), /^Temperature 1: loss \d/);

  // The slider of the temperature, one step warmer.
  await evaluate("document.getElementById('temperature').focus()");
  for (const type of ['keyDown', 'keyUp'])
    await send('Input.dispatchKeyEvent', {
      type,
      key: 'ArrowRight',
      code: 'ArrowRight',
      windowsVirtualKeyCode: 39,
    });
  await until("document.getElementById('status').textContent.startsWith('Temperature 1.12')");

  const choose = (id, value) =>
    evaluate(
      `{ const e = document.getElementById('${id}'); e.value = '${value}'; e.dispatchEvent(new Event('input')); }`,
    );
  for (const [name, { picture, parameters, relaxations }] of Object.entries(structures)) {
    await choose('structure', name);
    assert.strictEqual(
      await evaluate("document.querySelectorAll('#parameters input').length"),
      parameters.length,
    );
    const marks = picture.edges?.length ?? parameters.length;
    assert.ok((await evaluate("document.querySelectorAll('#hard .edge, #hard .cell').length")) >= marks);
    // The very letters that the native addon prints.
    for (const relaxation of relaxations.length > 0 ? relaxations : [undefined]) {
      if (relaxation !== undefined) await choose('relaxation', relaxation);
      const theta = parameters.map(() => 0);
      const loss = 'half';
      const answer = solve({ structure: name, relaxation, temperature: 1.12, seed: 1, theta, loss });
      assert.strictEqual(await textOf('text'), answer.text);
      assert.strictEqual(await textOf('code'), answer.code);
    }
  }

  await choose('seed', '-1');
  assert.match(await evaluate("document.querySelector('#status.error').textContent"), /^seed: /);
  await choose('seed', '2');
  assert.match(await evaluate("document.querySelector('#status:not(.error)').textContent"), /^Temperature/);

  const { nodes } = await send('Accessibility.getFullAXTree');
  const named = (role) =>
    nodes.filter((node) => !node.ignored && node.role?.value === role).map((node) => node.name?.value);
  for (const role of ['slider', 'combobox', 'spinbutton', 'button', 'textbox', 'img'])
    for (const name of named(role)) assert.ok(name, `a ${role} without a name`);
  assert.ok(named('slider').includes('head 0, modifier 1'));
  assert.ok(named('button').includes('Copy as code'));
}
