import assert from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { spanningTree } from '../../dist/index.js';
import { root } from '../../scripts/paths.mjs';
import { listen } from '../../scripts/playground/server.mjs';
import { losses, solve } from '../../scripts/playground/solve.mjs';
import { structures } from '../../scripts/playground/structures.mjs';
import { chromium, withPage } from './browser.mjs';

let server;
let address;
before(async () => {
  server = await listen();
  address = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const question = {
  structure: 'spanningTree',
  relaxation: 'exponential-family',
  temperature: 0.5,
  seed: 3,
  theta: [1, 0, -1, 0.5, 0, 0, 2, 0, 0, 0],
  loss: 'half',
};
const ask = async (body) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${address}/solve`, { method: 'POST', body: text });
  return { status: response.status, ...(await response.json()) };
};

test('the server listens to this machine only, and gives the page', async () => {
  assert.strictEqual(server.address().address, '127.0.0.1');
  for (const [path, type] of [
    ['/', 'text/html'],
    ['/playground.mjs', 'text/javascript'],
    ['/playground.css', 'text/css'],
    ['/catalogue', 'application/json'],
  ]) {
    const response = await fetch(address + path);
    assert.strictEqual(response.status, 200, path);
    assert.strictEqual(response.headers.get('content-type'), `${type}; charset=utf-8`);
  }
  assert.strictEqual((await fetch(`${address}/../package.json`)).status, 404);
  const status = await new Promise((resolve, reject) => {
    const headers = { host: 'elsewhere.example' };
    request(address, { headers }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  assert.strictEqual(status, 403);
});

test('an answer is what the library says', async () => {
  const answer = await ask(question);
  const trees = spanningTree({ vertices: 5, temperature: 0.5 });
  const sample = trees.sample(question.theta, { seed: 3 });
  assert.strictEqual(answer.status, 200);
  assert.deepStrictEqual(answer.soft, [...sample.soft]);
  assert.deepStrictEqual(answer.hard, [...sample.hard]);
  assert.strictEqual(answer.text, inspect(sample));
});

test('a bad question is told what was expected', async () => {
  const told = async (change) => {
    const { status, error } = await ask({ ...question, ...change });
    assert.strictEqual(status, 400);
    return error;
  };
  assert.match(
    await told({ structure: 'constructor' }),
    /^structure: expected one of oneHot, .*"constructor"/,
  );
  assert.match(await told({ relaxation: 'none' }), /^relaxation: expected one of exponential-family/);
  assert.match(await told({ theta: [1] }), /^theta: expected 10 finite numbers/);
  assert.match(await told({ loss: 'x' }), /^loss: expected one of half/);
  assert.match(await told({ seed: -1 }), /^seed: /);
  assert.match(await told({ temperature: -1 }), /^temperature: /);
  assert.strictEqual((await ask('no')).status, 400);
  assert.strictEqual((await ask(' '.repeat(100_000))).status, 413);
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

test('in a browser: by keyboard, with names for a screen reader', {
  skip: chromium === undefined,
}, async () => {
  await withPage(`${address}/`, async ({ send, evaluate, until }) => {
    await until("document.querySelectorAll('#soft line').length === 10");
    const status = () => evaluate("document.getElementById('status').textContent");
    assert.match(await status(), /^Temperature 1: loss \d/);

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
    for (const [name, { picture, parameters }] of Object.entries(structures)) {
      await choose('structure', name);
      const drawn = picture.edges ? picture.edges.length : undefined;
      await until(`document.getElementById('code').value.includes('${name}(')`);
      assert.strictEqual(
        await evaluate("document.querySelectorAll('#parameters input').length"),
        parameters.length,
      );
      if (drawn !== undefined)
        assert.strictEqual(await evaluate("document.querySelectorAll('#hard .edge').length"), drawn);
    }

    const { nodes } = await send('Accessibility.getFullAXTree');
    const named = (role) =>
      nodes.filter((node) => !node.ignored && node.role?.value === role).map((node) => node.name?.value);
    for (const role of ['slider', 'combobox', 'spinbutton', 'button', 'textbox', 'img'])
      for (const name of named(role)) assert.ok(name, `a ${role} without a name`);
    assert.ok(named('slider').includes('head 0, modifier 1'));
    assert.ok(named('button').includes('Copy as code'));
  });
});
