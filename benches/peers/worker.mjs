// A Python process that has the peers of one family.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Problem } from '../../scripts/run.mjs';

const harness = fileURLToPath(new URL('./python/harness.py', import.meta.url));

/** One thread, whichever library asks; no accelerator; doubles in JAX. */
const environment = {
  CUDA_VISIBLE_DEVICES: '',
  JAX_ENABLE_X64: '1',
  JAX_PLATFORMS: 'cpu',
  MKL_NUM_THREADS: '1',
  NPROC: '1',
  NUMBA_NUM_THREADS: '1',
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  PYTHONDONTWRITEBYTECODE: '1',
  XLA_FLAGS: '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1',
};

export class Worker {
  #child;
  #lines;
  #folder = mkdtempSync(join(tmpdir(), 'peers-'));
  #errors = '';
  #gone;

  #slow;

  /** With `slow`, the peers that compile for a minute or take gigabytes too. */
  constructor(python, module, { slow }) {
    this.#slow = slow;
    const env = { ...process.env, ...environment };
    this.#child = spawn(python, [harness, module], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#errors = (this.#errors + text).slice(-4000);
    });
    this.#gone = new Promise((_, reject) => {
      this.#child.on('error', (error) => reject(new Problem(`${python} does not start: ${error.message}`)));
      this.#child.on('close', (code) => reject(new Problem(`${python} ended with ${code}: ${this.#errors}`)));
    });
    // Whoever asks hears of it; an end that nobody waits for is no error.
    this.#gone.catch(() => {});
    this.#child.stdin.on('error', () => {});
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async #ask(request) {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await Promise.race([this.#lines.next(), this.#gone]);
    return done ? this.#gone : JSON.parse(value);
  }

  /** The peers of an operation on these arrays: each with its `label`, `versions` and `results`, or why it is not there. */
  async prepare(operation, parameters, arrays) {
    const files = {};
    for (const [name, array] of Object.entries(arrays)) {
      const file = join(this.#folder, name);
      writeFileSync(file, array);
      files[name] = [file, array instanceof Float32Array ? 'float32' : 'float64'];
    }
    const [folder, slow] = [this.#folder, this.#slow];
    const peers = await this.#ask({ do: 'prepare', operation, parameters, arrays: files, folder, slow });
    return peers.map((peer) => (peer.results ? { ...peer, results: peer.results.map(readDoubles) } : peer));
  }

  /** Milliseconds of processor time of one of so many calls. */
  measure(label, count) {
    return this.#ask({ do: 'measure', label, count });
  }

  end() {
    this.#child.stdin.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function readDoubles(file) {
  const bytes = readFileSync(file);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
