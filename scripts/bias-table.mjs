#!/usr/bin/env node
// Measures every estimator and writes the tables of docs/estimators/bias-table.md; needs `npm run build:ts`.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { biasTables } = createRequire(import.meta.url)('../dist/experiments/lab/bias-table.js');
const path = new URL('../docs/estimators/bias-table.md', import.meta.url);
const text = readFileSync(path, 'utf8');
const start = text.indexOf('\n## ');
const end = text.indexOf('\n## What they say');
writeFileSync(path, `${text.slice(0, start)}\n${biasTables()}\n${text.slice(end)}`);
