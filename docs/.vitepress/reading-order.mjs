// The order in which the pages are read. Every page of the site has one line here; a build fails over one that has none.

/** A longer group is shut until one of its pages is read. */
const MOST_OPEN = 18;

const group = (text, ...items) => ({ text, collapsed: items.length > MOST_OPEN, items: items.map(item) });
const item = ([text, link]) => ({ text, link });

export const readingOrder = [
  group('Start', ['What it is', '/'], ['Questions asked first', '/faq'], ['Tensors', '/tensors']),
  group('Choose', ['A structure, a relaxation, an estimator, a temperature', '/choose']),
  group(
    'Structures',
    ['Gallery', '/gallery'],
    ['One category', '/one-hot'],
    ['Any subset', '/subset'],
    ['Any set of edges', '/independent-edges'],
    ['k of n', '/top-k'],
    ['k of n in a row', '/correlated-top-k'],
    ['A matching', '/matching'],
    ['Ranks', '/permutahedron'],
    ['A ranking', '/neural-sort'],
    ['A spanning tree', '/spanning-tree'],
    ['An arborescence', '/arborescence'],
    ['A projective parse', '/projective-tree'],
    ['Every dynamic program', '/derivations'],
    ['A structure of your own', '/custom-structure'],
    ['Laws for your own', '/laws'],
    ['SparseMAP', '/sparsemap'],
    ['The k best', '/k-best'],
    ['Exact draws', '/exact-sampling'],
  ),
  group(
    'Estimators',
    ['All of them', '/estimators'],
    ['Relaxed', '/estimators/relaxed'],
    ['Straight-through', '/estimators/straight-through'],
    ['Rao-Blackwellised', '/estimators/rao-blackwellised'],
    ['Score function', '/estimators/score-function'],
    ['Score function of a trace', '/estimators/trace-score-function'],
    ['NVIL', '/estimators/nvil'],
    ['RELAX', '/estimators/relax'],
    ['SIMPLE', '/estimators/simple'],
    ['Second-order SIMPLE', '/estimators/second-order-simple'],
    ['MuProp', '/estimators/mu-prop'],
    ['Score function of a family', '/estimators/family-score-function'],
    ['Sum and sample', '/estimators/sum-and-sample'],
    ['ReinMax', '/estimators/rein-max'],
    ['Gapped straight-through', '/estimators/gapped-straight-through'],
    ['ARMS', '/estimators/arms'],
    ['RODEO', '/estimators/rodeo'],
    ['Unordered set', '/estimators/unordered-set'],
    ['Bias, variance and cost', '/estimators/bias-table'],
    ['IndeCateR', '/estimators/indecater'],
    ['Perturbed optimizer', '/estimators/perturbed-optimizer'],
    ['Implicit MLE', '/estimators/implicit-mle'],
    ['Blackbox', '/estimators/blackbox'],
    ['Identity', '/estimators/identity'],
    ['Fenchel-Young losses', '/estimators/fenchel-young'],
  ),
  group('Training', ['Models from scratch', '/training'], ['The native backend', '/tfjs-backend']),
  group(
    'Experiments',
    ['All of them', '/experiments'],
    ['Graph layouts', '/nri'],
    ['ListOps', '/listops'],
    ['Reviews', '/reviews'],
    ['Known features', '/l2x-synthetic'],
    ['The laboratory', '/lab'],
    ['Many machines', '/many-machines'],
  ),
  group(
    'How it works',
    ['Architecture', '/architecture'],
    ['In a browser', '/browser'],
    ['Performance', '/performance'],
    ['Benchmarks', '/benches'],
    ['Contributing', '/contributing'],
    ['Security', '/security'],
    ['Changelog', '/changelog'],
  ),
];

/** The pages that the order of reading names, as links. */
export const orderedLinks = readingOrder.flatMap(({ items }) => items.map(({ link }) => link));
