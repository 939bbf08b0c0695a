import assert from 'node:assert';
import { test } from 'node:test';
import { isChain, schedule } from '../../scripts/test/schedule.mjs';
import { select, steps } from '../../scripts/test/steps.mjs';
import { makeCheckout } from './checkout.mjs';

// The small checkout puts shell scripts on its PATH.
const options = { skip: process.platform === 'win32' };
const namesOf = (chosen) => chosen.map(({ name }) => name);
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Runs steps that end when the caller says so; keeps the order in which they started. */
function byHand(wanted, settings) {
  const started = [];
  const ends = new Map();
  const run = (step) => {
    started.push(step.name);
    return new Promise((resolve) => ends.set(step.name, resolve));
  };
  const finish = async (name, passed = true) => {
    ends.get(name)(passed);
    await tick();
  };
  return { started, finish, results: schedule(wanted, { run, ...settings }) };
}

const outcomesOf = async (results) =>
  Object.fromEntries((await results).map(({ step, outcome }) => [step.name, outcome]));

test('everything is chosen when nothing is named, the build first', () => {
  const { chosen, serial } = select([]);
  assert.deepStrictEqual(namesOf(chosen), ['build', ...namesOf(steps)]);
  assert.strictEqual(serial, false);
  assert.strictEqual(select(['--serial', 'lint']).serial, true);
});

test('names and groups choose, and the build comes with those that need it', () => {
  const ofRust = steps.filter(({ group }) => group === 'rust');
  assert.deepStrictEqual(select(['rust']).chosen, ofRust);
  assert.deepStrictEqual(namesOf(select(['jest']).chosen), ['build', 'jest']);
  assert.deepStrictEqual(namesOf(select(['jest', 'format']).chosen), ['build', 'format', 'jest']);
  assert.throws(
    () => select(['jest', 'nothing']),
    /^Error: There is no test step named nothing; there are: .*jest/,
  );
});

test('arguments after -- go to the single step, and not to its build', () => {
  const plain = select(['jest']).chosen;
  const [build, jest] = select(['jest', '--', '-t', 'tree']).chosen;
  assert.deepStrictEqual(build, plain[0]);
  assert.deepStrictEqual(jest.node, [...plain[1].node, '-t', 'tree']);
  assert.strictEqual(jest.needs, build);
  assert.ok(isChain([build, jest]));
  const [clippy] = select(['clippy', '--', '-W', 'x']).chosen;
  assert.deepStrictEqual(clippy.cargo.slice(-2), ['-W', 'x']);
  assert.throws(() => select(['rust', '--', '-t', 'tree']), /Arguments after -- need exactly one step/);
  assert.throws(() => select(['--', '-t', 'tree']), /Arguments after -- need exactly one step/);
});

test('no more run at a time than there are lanes, the first in the list first', async () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
  const { started, finish, results } = byHand([a, b, c, d], { lanes: 2 });
  assert.deepStrictEqual(started, ['a', 'b']);
  await finish('b');
  assert.deepStrictEqual(started, ['a', 'b', 'c']);
  await finish('a', false);
  assert.deepStrictEqual(started, ['a', 'b', 'c', 'd']);
  await finish('c');
  await finish('d');
  assert.deepStrictEqual(await outcomesOf(results), { a: 'failed', b: 'passed', c: 'passed', d: 'passed' });
});

test('a step waits for the one that it needs, and others go before it', async () => {
  const a = { name: 'a' };
  const [b, c] = [{ name: 'b', needs: a }, { name: 'c' }];
  const { started, finish, results } = byHand([a, b, c], { lanes: 3 });
  assert.deepStrictEqual(started, ['a', 'c']);
  await finish('a');
  assert.deepStrictEqual(started, ['a', 'c', 'b']);
  await finish('b');
  await finish('c');
  assert.deepStrictEqual(await outcomesOf(results), { a: 'passed', b: 'passed', c: 'passed' });
});

test('what needs a step that failed is skipped, and nothing else', async () => {
  const a = { name: 'a' };
  const b = { name: 'b', needs: a };
  const [c, d] = [{ name: 'c', needs: b }, { name: 'd' }];
  const { started, finish, results } = byHand([a, b, c, d], { lanes: 1 });
  await finish('a', false);
  assert.deepStrictEqual(started, ['a', 'd']);
  await finish('d');
  assert.deepStrictEqual(await outcomesOf(results), {
    a: 'failed',
    b: 'skipped',
    c: 'skipped',
    d: 'passed',
  });
});

test('after a stop nothing starts', async () => {
  const [a, b] = [{ name: 'a' }, { name: 'b' }];
  let stopped = false;
  const { started, finish, results } = byHand([a, b], { lanes: 1, isStopped: () => stopped });
  stopped = true;
  await finish('a');
  assert.deepStrictEqual(started, ['a']);
  assert.deepStrictEqual(await outcomesOf(results), { a: 'passed', b: 'skipped' });
});

test('the script groups what steps print, and fails when one does', options, async (context) => {
  const checkout = makeCheckout(context);
  checkout.setRust('1.90.0');
  checkout.addTool('cargo', 'echo "one $1"; echo "two $1" >&2');
  const run = (...args) => checkout.node('scripts/test.mjs', ...args);
  const whole = await run('format', 'clippy');
  assert.strictEqual(whole.code, 0, whole.stderr);
  for (const name of ['fmt', 'clippy'])
    assert.match(whole.stdout, new RegExp(`: cargo ${name} .*\\n(one|two) ${name}\\n(one|two) ${name}\\n`));
  assert.match(whole.stdout, /^passed {2}format .*\npassed {2}clippy .*\n2 passed, 0 failed, 0 skipped$/m);

  checkout.addTool('cargo', 'test "$1" = fmt');
  const failed = await run('rust', '--serial');
  assert.strictEqual(failed.code, 1);
  assert.match(failed.stdout, /^FAILED {2}clippy/m);
  assert.match(failed.stdout, /^passed {2}format/m);
});

test(
  'the script builds before a step that needs it, and runs that step only then',
  options,
  async (context) => {
    const checkout = makeCheckout(context);
    checkout.setRust('1.90.0');
    checkout.write(
      'node_modules/jest/bin/jest.js',
      "require('node:fs').appendFileSync('log', process.argv.slice(2).join(' '));",
    );
    const passed = await checkout.node('scripts/test.mjs', 'jest', '--', '-t', 'tree');
    assert.strictEqual(passed.code, 0, passed.stderr);
    assert.deepStrictEqual(checkout.takeLog(), ['native', 'typescript', '-t tree']);

    checkout.write('ts/index.ts', '// new');
    checkout.write('build-typescript.cjs', 'process.exit(2)');
    const broken = await checkout.node('scripts/test.mjs', 'jest');
    assert.strictEqual(broken.code, 1);
    assert.match(broken.stdout, /^FAILED {2}build .*\nskipped jest .*\n0 passed, 1 failed, 1 skipped$/m);
    assert.deepStrictEqual(checkout.takeLog(), []);
  },
);

test('without Rust its steps say where to get it', options, async (context) => {
  const checkout = makeCheckout(context);
  const { code, stderr } = await checkout.node('scripts/test.mjs', 'format');
  assert.strictEqual(code, 1);
  assert.match(stderr, /^Rust is not installed .*rustup/m);
});
