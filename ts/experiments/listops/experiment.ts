import type { Experiment } from '../harness/experiment';
import { html } from '../report/html';
import type { ListopsConfig } from './config';
import type { ListopsData } from './corpus/data';
import { figures } from './figures';
import { isLatent, isTempered } from './names';
import { checkListops, type ListopsSettings, listopsRuns, presets, settingsTable } from './settings';
import { published, rowOf, rowsOf } from './table';

/** Unsupervised parsing of ListOps (paper, section 8.2): Table 2. */
export const listops: Experiment<ListopsSettings, ListopsConfig, ListopsData> = {
  name: 'listops',
  title: 'Unsupervised parsing of ListOps',
  summary: 'parse nested lists of operations with their values alone (paper, Table 2)',
  description:
    'Trains a graph network that tells the value of an expression from messages along a latent parse, for each distribution over parses, beside an LSTM and networks on given graphs.',
  examples: [
    ['', 'every row, three seeds'],
    ['--structure arborescence-gumbel,gold --seeds 1', 'two rows'],
    [
      '--structure spanning-tree --estimator relaxed,trace,mu-prop',
      'other gradients, beside the relaxed one',
    ],
    ['--data listops --preset table', 'on train.tsv, valid.tsv and test.tsv of a folder'],
  ],
  presets,
  settings: settingsTable,
  check: checkListops,
  runs: listopsRuns,
  place: (config) => ({ row: rowOf(config) }),
  rows: rowsOf,
  rowHeading: 'Edge distribution',
  metrics: [
    {
      key: 'accuracy',
      label: 'Task accuracy (%)',
      short: 'accuracy',
      better: 'higher',
      format: 'percent',
      curve: true,
    },
    {
      key: 'cleanPrecision',
      label: 'Edge precision (%)',
      short: 'precision',
      better: 'higher',
      format: 'percent',
      curve: { domain: [0, 1] },
    },
    { key: 'cleanRecall', label: 'Edge recall (%)', short: 'recall', better: 'higher', format: 'percent' },
    {
      key: 'precision',
      label: 'Edge precision with ] (%)',
      short: 'precision with ]',
      better: 'higher',
      format: 'percent',
      inTable: false,
    },
    {
      key: 'recall',
      label: 'Edge recall with ] (%)',
      short: 'recall with ]',
      better: 'higher',
      format: 'percent',
      inTable: false,
    },
  ],
  objective: { key: 'accuracy', better: 'higher' },
  finding: 'cleanPrecision',
  searchRanges: [
    { key: 'learningRate', low: 5e-4, high: 1e-2 },
    { key: 'weightDecay', low: 1e-6, high: 1e-2 },
    { key: 'encoderRate', low: 0.1, high: 1, applies: ({ structure }) => isLatent(structure) },
    { key: 'temperature', low: 0.1, high: 4, applies: isTempered },
  ],
  published,
  about({ estimators, samples, data, depths, longest, trainSize, testSize }) {
    const source =
      data === undefined
        ? html`Expressions are generated, no one twice: ${trainSize.toLocaleString('en')} to train on and ${testSize.toLocaleString('en')} to test on, of depth 1 to ${depths} in equal
shares, with up to ${longest} tokens.`
        : html`The expressions are those of ${data}.`;
    const others = estimators.some((name) => name !== 'relaxed')
      ? ` where no other estimator is named (those draw ${samples} graphs of each expression)`
      : '';
    return [
      html`An expression such as <code>[MAX 2 [MIN 4 7 ] 0 ]</code> has a value from 0 to 9, and a parse in which every token hangs on the
operator that it stands in. An encoder scores all arcs between tokens; a graph is drawn from the scores; a graph network passes
messages along it and tells the value from the state of the first token. Nothing but the value is ever told: training goes through
relaxed graphs${others}, every evaluation draws hard ones. ${source}`,
      html`Edge precision and recall are those of a drawn graph against the true parse, means over expressions. As in the paper, arcs
that touch a closing bracket are left out, since no value depends on them (with them they are in the table of all runs), and an undirected
edge counts in both directions, so that a right tree of them has precision 50. “All on the first token” is the parse that learning
falls into when it finds nothing better: its precision is the one to beat.`,
    ];
  },
  figures,
  code: () => (require('./code') as typeof import('./code')).code,
};
