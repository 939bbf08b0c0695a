#!/usr/bin/env node
import { forgiveClosedPipes } from './pipes';
import { main } from './program';

forgiveClosedPipes();
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
