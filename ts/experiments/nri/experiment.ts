import { type EstimatorName, estimatorNames, estimatorTraits, holdsFor } from '../estimators/names';
import type { Experiment, ExperimentFigure, Row, Selection } from '../harness/experiment';
import { type Html, html } from '../report/html';
import {
  checkNri,
  type NriConfig,
  type NriSettings,
  type NriStructure,
  nriPresets,
  nriRow,
  nriRuns,
  nriTable,
  propertiesOf,
  structureLabels,
  variantLabel,
} from './config';
import type { LayoutData } from './dataset';
import { exampleCount, graphFigure } from './graphs';

const structureOrder = Object.keys(structureLabels) as NriStructure[];

const dagger = {
  symbol: '†',
  when: (result: { choice?: unknown }) => result.choice === 'complement',
  note: 'The model uses X for absent edges: 1 − X is read as the graph, by the precision on the validation set.',
};

/** Colours and shapes of distributions; estimators have dashes, and colours where there is one distribution. */
const structureColours: Record<NriStructure, string> = {
  'spanning-tree': '#004488',
  'top-k': '#994455',
  independent: '#997700',
};
const structureShapes: Record<NriStructure, string> = {
  'spanning-tree': 'circle',
  'top-k': 'square',
  independent: 'triangle-up',
};

/** Neural relational inference on graph layouts: section 8.1 of the paper. */
export const nri: Experiment<NriSettings, NriConfig, LayoutData> = {
  name: 'nri',
  title: 'Neural relational inference for graph layout',
  summary: 'neural relational inference on graph layouts',
  description:
    'Trains neural relational inference on graph layouts: every structure with every estimator and seed. Ends in a report, report.html in the output directory.',
  examples: [
    ['', 'all three structures, the seeds of the quick preset'],
    ['--structure spanning-tree --seeds 2', ''],
    ['--estimator relaxed --estimator reinforce --estimator nvil', ''],
    ['--preset table --timesteps 20 --out runs/table-20', ''],
    ['--resume --out runs/table-20', ''],
  ],
  presets: nriPresets,
  settings: nriTable,
  check: checkNri,
  runs: nriRuns,
  place: (config) => ({ row: nriRow(config), column: columnOf(config.timesteps) }),
  rows({ structures, estimators }) {
    const single = structures.length === 1 && estimators.length > 1;
    return structureOrder
      .filter((structure) => structures.includes(structure))
      .flatMap((structure) =>
        estimatorNames
          .filter((estimator) => estimators.includes(estimator))
          .filter((estimator) => holdsFor(estimator, propertiesOf(structure)))
          .map(
            (estimator): Row => ({
              id: nriRow({ structure, estimator }),
              label: variantLabel({ structure, estimator }),
              colour: single ? estimatorTraits[estimator].colour : structureColours[structure],
              shape: structureShapes[structure],
              dash: estimatorTraits[estimator].dash,
            }),
          ),
      );
  },
  columns: ({ timesteps }) => timesteps.map((frames) => ({ id: columnOf(frames), label: `T = ${frames}` })),
  rowHeading: 'Edge distribution',
  metrics: [
    { key: 'elbo', label: 'ELBO', short: 'ELBO', better: 'higher', format: 'nats', curve: true },
    {
      key: 'precision',
      label: 'Edge precision (%)',
      short: 'precision',
      better: 'higher',
      format: 'percent',
      curve: { domain: [0, 1] },
    },
    { key: 'recall', label: 'Edge recall (%)', short: 'recall', better: 'higher', format: 'percent' },
  ],
  objective: { key: 'elbo', better: 'higher' },
  finding: 'precision',
  marks: [dagger],
  searchRanges: [
    { key: 'learningRate', low: 1e-4, high: 1e-2 },
    {
      key: 'temperature',
      low: 0.1,
      high: 2,
      applies: ({ estimator }) => estimatorTraits[estimator].tempered === true,
    },
  ],
  published: {
    table: 'Table 1',
    cells: [
      published('independent', 10, [-1370, 20], [48, 2], [93, 1]),
      published('independent', 20, [-1340, 160], [97, 3], [99, 1]),
      published('top-k', 10, [-2100, 20], [41, 1], [41, 1]),
      published('top-k', 20, [-1700, 320], [98, 6], [98, 6]),
      published('spanning-tree', 10, [-1080, 110], [91, 3], [91, 3]),
      published('spanning-tree', 20, [-1280, 10], [99, 1], [99, 1]),
    ],
  },
  about,
  figures,
  code: () => (require('./code') as typeof import('./code')).code,
};

function columnOf(timesteps: number): string {
  return `t${timesteps}`;
}

function published(
  row: NriStructure,
  timesteps: number,
  elbo: [number, number],
  precision: [number, number],
  recall: [number, number],
) {
  return { row, column: columnOf(timesteps), values: { elbo, precision, recall } };
}

function about({ vertices, timesteps, estimators }: NriSettings): Html[] {
  const frames = new Intl.ListFormat('en', { type: 'disjunction' }).format(timesteps.map(String));
  return [
    html`A force-directed layout draws a hidden random spanning tree over ${vertices} vertices, one step a frame. A
variational autoencoder (neural relational inference) sees the positions in ${frames} frames, not the tree: its
encoder gives a distribution over graphs, its decoder predicts each next frame by messages along the edges of a sampled graph.
${training(estimators)}, every evaluation the hard one. The ELBO is in nats per vertex.`,
  ];
}

/** What training uses of a sample. */
function training(estimators: readonly EstimatorName[]): string {
  const others = estimators.filter((name) => name !== 'relaxed').map((name) => estimatorTraits[name].label);
  if (others.length === 0) return 'Training uses the relaxed sample';
  const list = new Intl.ListFormat('en').format(others);
  const relaxed = estimators.includes('relaxed') ? 'the relaxed sample where no estimator is named, ' : '';
  return `Training uses ${relaxed}the hard sample with ${list}`;
}

function figures(selections: readonly Selection[], settings: NriSettings): ExperimentFigure[] {
  const several = settings.timesteps.length > 1;
  const label = ({ row, selected }: Selection) =>
    dagger.when(selected.result) ? row.label + dagger.symbol : row.label;
  return settings.timesteps.flatMap((frames) => {
    const own = selections.filter(({ column }) => column?.id === columnOf(frames));
    if (own.length === 0) return [];
    const name = several ? `graphs-${columnOf(frames)}` : 'graphs';
    const directed = own.some(({ selected }) => (selected.config as NriConfig).structure === 'independent')
      ? ` ${structureLabels.independent} samples each direction of an edge by itself: a direction is the half of the line next to its sender.`
      : '';
    return [
      {
        title: several ? `Sampled graphs, T = ${frames}` : 'Sampled graphs',
        content: graphFigure(own, name, label),
        caption: html`The hidden tree of ${exampleCount(own)} test sequences and a hard sample from the encoder of each
selected run; vertices are where the last frame shows them. P and R are the precision and recall of that graph, in
per cent.${directed}`,
      },
    ];
  });
}
