// Solves in a worker thread what it is given.
require('./register.cjs');
const { parentPort, workerData } = require('node:worker_threads');
const { getThreads, topK } = require('../../ts');

parentPort.postMessage({ threads: getThreads(), soft: topK({ elements: 8, k: 3 }).softmax(workerData) });
