import type { RandomStream } from '../../../training/random';
import { type Aspect, aspects } from './aspects';
import {
  abouts,
  commonDescriptors,
  comparisons,
  descriptors,
  leads,
  links,
  names,
  tails,
  verbs,
} from './lexicon';
import { drawByRank, drawFrom, drawIndex, drawOpinion, type Opinion, type OpinionKind } from './opinions';

/** Tokens of a sentence with its full stop. */
export const shortestSentence = 6;
export const longestSentence = 25;

/** How far an opinion strays from what its sentence thinks. */
const spread = 0.5;

/** A sentence about one aspect: its tokens, the last a full stop, and what its opinions say. */
export interface Sentence {
  tokens: string[];
  opinions: Opinion[];
}

/** Draws a sentence of 6 to 25 tokens about an aspect, whose opinions scatter around `value`. */
export function drawSentence(random: RandomStream, aspect: Aspect, value: number): Sentence {
  for (;;) {
    const writer = new Writer(random, aspect, value);
    const tokens = writer.sentence().split(' ').filter(Boolean);
    if (tokens.length >= shortestSentence && tokens.length <= longestSentence) {
      return { tokens, opinions: writer.opinions };
    }
  }
}

class Writer {
  readonly opinions: Opinion[] = [];
  readonly #random: RandomStream;
  readonly #aspect: Aspect;
  readonly #value: number;
  #lastWord = '';

  constructor(random: RandomStream, aspect: Aspect, value: number) {
    this.#random = random;
    this.#aspect = aspect;
    this.#value = value;
  }

  sentence(): string {
    const lead = this.#chance(0.2) ? this.#from(leads) : '';
    const body = this.#form();
    const tail = this.#chance(0.25) ? this.#from(tails) : '';
    const comparison = this.#chance(0.12) ? this.#comparison() : '';
    return `${lead} ${body} ${tail} ${comparison} .`;
  }

  #form(): string {
    const forms: [number, () => string][] = [
      [0.06, () => `${this.#clause()} , ${this.#predicate()}${this.#more()}`],
      [0.18, () => `${this.#article()} ${this.#opinion('adjective')} ${this.#name()}${this.#more()}`],
      [0.26, () => `the ${this.#name()} ${this.#linked()}${this.#more()}`],
      [0.12, () => this.#giving()],
      [0.08, () => `as for the ${this.#name()} , ${this.#verdict()}${this.#more()}`],
      [0.1, () => `${this.#opinion(...allKinds)} ${this.#from(abouts)} ${this.#name()}${this.#more()}`],
      [0.2, () => `${this.#from(verbs[this.#aspect])} ${this.#predicate()}${this.#more()}`],
    ];
    const weights = forms.map(([weight]) => weight);
    return forms[drawIndex(this.#random, weights)][1]();
  }

  /** "the aroma shows notes of fruit , really nice". */
  #giving(): string {
    const verb = this.#from(['has', 'shows', 'gives', 'brings']);
    const joint = this.#from([',', 'and', 'so']);
    return `the ${this.#name()} ${verb} ${this.#clause()} ${joint} ${this.#predicate()}`;
  }

  #verdict(): string {
    return this.#chance(0.5) ? this.#clause() : `i would call it ${this.#predicate()}`;
  }

  /** "is very good", or "could be worse" by itself. */
  #linked(): string {
    const opinion = this.#draw(['adjective', 'remark', 'predicate']);
    return opinion.kind === 'predicate' ? opinion.text : `${drawByRank(this.#random, links)} ${opinion.text}`;
  }

  #article(): string {
    return this.#chance(0.5) ? this.#from(['a', 'there is a', 'i get a', 'it has a']) : '';
  }

  #more(): string {
    return this.#chance(0.45) ? ` ${this.#from([',', ', though', 'plus'])} ${this.#clause()}` : '';
  }

  #comparison(): string {
    const other = this.#from(aspects);
    return other === this.#aspect
      ? ''
      : `${this.#from(comparisons)} ${drawByRank(this.#random, names[other])}`;
  }

  /** What is to be found in the beer, with an opinion of it or without. */
  #clause(): string {
    if (!this.#chance(0.65)) {
      const plain = [
        () => `with notes of ${this.#word()} and ${this.#word()}`,
        () => `some ${this.#word()} and ${this.#word()} in there`,
        () => `${this.#word()} , ${this.#word()} and a little ${this.#word()}`,
        () => `a bit of ${this.#word()} on top`,
        () => `mostly ${this.#word()} with ${this.#word()} around the edge`,
      ];
      return this.#from(plain)();
    }
    const things = [
      () => `${this.#notes()} of ${this.#word()} and ${this.#word()}`,
      () => `${this.#notes()} of ${this.#word()}`,
      () => `${this.#word()} and ${this.#word()}`,
      () => `${this.#word()} ${this.#notes()}`,
      undefined,
    ];
    const thing = this.#from(things);
    if (thing !== undefined) {
      return `${this.#from(['with', 'and', 'some', 'there are'])} ${this.#opinion('adjective')} ${thing()}`;
    }
    const second = this.#chance(0.5) ? ` and ${this.#word()}` : '';
    return `${this.#from(['with', 'and', 'there is'])} ${this.#opinion('noun')} in the ${this.#word()}${second}`;
  }

  #notes(): string {
    return this.#from(['notes', 'hints', 'touches', 'bits', 'layers']);
  }

  /** A plain word, another one than the last. */
  #word(): string {
    const word = this.#from(this.#chance(0.75) ? descriptors[this.#aspect] : commonDescriptors);
    if (word === this.#lastWord) return this.#word();
    this.#lastWord = word;
    return word;
  }

  #name(): string {
    return drawByRank(this.#random, names[this.#aspect]);
  }

  #predicate(): string {
    return this.#opinion('adjective', 'remark');
  }

  #opinion(...kinds: OpinionKind[]): string {
    return this.#draw(kinds).text;
  }

  #draw(kinds: readonly OpinionKind[]): Opinion {
    const value = this.#value + spread * this.#random.normal();
    const opinion = drawOpinion(this.#random, value, kinds);
    this.opinions.push(opinion);
    return opinion;
  }

  #from<T>(list: readonly T[]): T {
    return drawFrom(this.#random, list);
  }

  #chance(probability: number): boolean {
    return this.#random.uniform() < probability;
  }
}

const allKinds: readonly OpinionKind[] = ['adjective', 'noun', 'remark', 'predicate'];
