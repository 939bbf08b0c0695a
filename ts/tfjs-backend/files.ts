import { copyFile, link, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { io } from '@tensorflow/tfjs-core';
import { invalid, misshapen, SstError } from '../arguments/errors';
import { makeFolder } from '../files/folder';
import { tf } from '../tfjs/core';
import { fileError, stageFile } from './replace-file';

const scheme = 'file://';
const modelFile = 'model.json';
const weightsFile = 'weights.bin';
/** The weights of the model that is being replaced. */
const previousWeightsFile = 'weights-previous.bin';

/** A router may give null, which its type forgets. */
type Router = Parameters<typeof io.registerSaveRouter>[0];
type Manifest = io.WeightsManifestConfig;
type Weights = [specs: io.WeightsManifestEntry[], data: ArrayBuffer];

/** Bytes of a number of a type. */
const bytesOf: Record<string, number> = {
  bool: 1,
  complex64: 8,
  float16: 2,
  float32: 4,
  int32: 4,
  uint16: 2,
  uint8: 1,
};

/** Bytes of some weights; undefined where they are strings, or of a type that TensorFlow.js does not write. */
function bytesOfWeights(specs: io.WeightsManifestEntry[]): number | undefined {
  let bytes = 0;
  for (const { shape, dtype, quantization } of specs) {
    const each = bytesOf[quantization?.dtype ?? dtype];
    if (each === undefined) return undefined;
    bytes += each * tf.util.sizeFromShape(shape);
  }
  return bytes;
}

async function read(path: string): Promise<Buffer> {
  return readFile(path).catch((error) => {
    throw fileError(path, 'read', error);
  });
}

async function readModel(path: string): Promise<io.ModelJSON> {
  const text = (await read(path)).toString('utf8');
  try {
    const model = JSON.parse(text);
    if (typeof model !== 'object' || model === null) throw new TypeError('it holds no object');
    return model as io.ModelJSON;
  } catch (error) {
    const reason = (error as Error).message;
    throw new SstError('INVALID_ARGUMENT', `${path}: expected a model in JSON: ${reason}`, { cause: error });
  }
}

/** The weights of all groups, one after another. */
async function readWeights(path: string, manifest: Manifest): Promise<Weights> {
  const specs: io.WeightsManifestEntry[] = [];
  const shards: Buffer[] = [];
  if (!Array.isArray(manifest)) throw invalid(`${path}: weightsManifest`, 'a list of groups', manifest);
  for (const [index, group] of manifest.entries()) {
    if (!Array.isArray(group?.paths) || !Array.isArray(group.weights)) {
      throw invalid(`${path}: weightsManifest[${index}]`, 'paths and weights', group);
    }
    const files = group.paths.map((file) => join(dirname(path), file));
    const data = await Promise.all(files.map(read));
    const expected = bytesOfWeights(group.weights);
    const got = data.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (expected !== undefined && got !== expected) {
      throw misshapen(files.join(', '), `${expected} bytes of weights, as ${path} says`, `${got}`);
    }
    specs.push(...group.weights);
    shards.push(...data);
  }
  const bytes = Buffer.concat(shards);
  return [specs, Uint8Array.from(bytes).buffer];
}

/** Models in files, in the layout of tfjs-node: a folder with `model.json` and `weights.bin`. */
class ModelFiles implements io.IOHandler {
  readonly #path: string;

  constructor(path: string) {
    this.#path = resolve(path);
  }

  /** Reads a model from its `model.json`. */
  async load(): Promise<io.ModelArtifacts> {
    const model = await readModel(this.#path);
    return tf.io.getModelArtifactsForJSON(model, (manifest) => readWeights(this.#path, manifest));
  }

  /**
   * Writes a model to a folder, which is made if need be. At every moment the folder holds a whole model, the old one or
   * the new one, whenever the process dies.
   */
  async save(artifacts: io.ModelArtifacts): Promise<io.SaveResult> {
    const { modelTopology, weightSpecs = [], weightData } = artifacts;
    if (modelTopology instanceof ArrayBuffer) {
      throw invalid('modelTopology', 'a topology in JSON', modelTopology);
    }
    const folder = this.#path;
    try {
      makeFolder(folder);
    } catch (error) {
      throw fileError(folder, 'write', error);
    }
    const weightsManifest: Manifest = [{ paths: [weightsFile], weights: weightSpecs }];
    const model: io.ModelJSON = { ...fieldsOf(artifacts), weightsManifest };
    const buffers = weightData === undefined ? [] : Array.isArray(weightData) ? weightData : [weightData];
    const weights = await stageFile(
      join(folder, weightsFile),
      buffers.map((buffer) => new Uint8Array(buffer)),
    );
    try {
      const json = await stageFile(join(folder, modelFile), [JSON.stringify(model)]);
      try {
        await keepPrevious(folder);
        await weights.commit();
        await json.commit();
      } finally {
        await json.discard();
      }
    } finally {
      await weights.discard();
    }
    await rm(join(folder, previousWeightsFile), { force: true });
    return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
  }
}

/** The fields of a `model.json` beside its weights. */
function fieldsOf(artifacts: io.ModelArtifacts): Omit<io.ModelJSON, 'weightsManifest'> {
  const { modelTopology, format, generatedBy, convertedBy, trainingConfig, signature } = artifacts;
  const { userDefinedMetadata, modelInitializer, initializerSignature } = artifacts;
  return {
    modelTopology: modelTopology as object,
    ...(format !== undefined && { format }),
    ...(generatedBy !== undefined && { generatedBy }),
    ...(convertedBy !== undefined && { convertedBy }),
    ...(trainingConfig != null && { trainingConfig }),
    ...(signature != null && { signature }),
    ...(userDefinedMetadata != null && { userDefinedMetadata }),
    ...(modelInitializer != null && { modelInitializer }),
    ...(initializerSignature != null && { initializerSignature }),
  };
}

/**
 * Makes the model in a folder refer to another name of its weights, so that it stays whole when `weights.bin` is
 * replaced, until its `model.json` is.
 */
async function keepPrevious(folder: string): Promise<void> {
  const path = join(folder, modelFile);
  const model = await readModel(path).catch(() => undefined);
  const manifest = model?.weightsManifest;
  if (!Array.isArray(manifest) || !manifest.some((group) => group?.paths?.includes?.(weightsFile))) return;
  const [weights, previous] = [join(folder, weightsFile), join(folder, previousWeightsFile)];
  if ((await stat(weights).catch(() => undefined)) === undefined) return;
  await rm(previous, { force: true });
  // Not every file system has links.
  await link(weights, previous)
    .catch(() => copyFile(weights, previous))
    .catch((error) => {
      throw fileError(previous, 'write', error);
    });
  const weightsManifest = manifest.map((group) => ({
    ...group,
    paths: group.paths.map((name) => (name === weightsFile ? previousWeightsFile : name)),
  }));
  const renamed = await stageFile(path, [JSON.stringify({ ...model, weightsManifest })]);
  await renamed.commit().finally(renamed.discard);
}

/** Handles `file://` unless tfjs-node is there, whose backend is called tensorflow, and does. */
function router(url: string | string[]): io.IOHandler | null {
  if (typeof url !== 'string' || !url.startsWith(scheme)) return null;
  if (tf.findBackendFactory('tensorflow') !== null) return null;
  return new ModelFiles(url.slice(scheme.length));
}

/** Makes `file://` a place to save models to and load them from, unless it is one already. */
export function registerModelFiles(): void {
  if (tf.io.getSaveHandlers(scheme).length === 0) tf.io.registerSaveRouter(router as Router);
  if (tf.io.getLoadHandlers(scheme).length === 0) tf.io.registerLoadRouter(router as Router);
}
