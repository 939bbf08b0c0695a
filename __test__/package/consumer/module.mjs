import { spanningTree } from 'stochastic-softmax-tricks';
import check from './check.cjs';

check(spanningTree);
