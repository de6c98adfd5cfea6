import { at, type Scenario } from './scenario.ts'

const GAPS = { transactions: 0.7, aborts: 0.5, paceMs: 40 } as const
const THREE = { destinationBrokers: 3, replicas: 3 } as const
const OLD = { oldRecords: 1, paceMs: 40 } as const

/** Every hazard of exact links that is known, by name. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'marker-answer-lost',
    what: 'markers have no sequence: their answers are lost, again and again',
    options: GAPS,
    faults: [1_000, 2_500, 4_000, 5_500].map((ms) => at(ms, 'lost-answers', { forMs: 50 })),
  },
  {
    name: 'marker-arrives-late',
    what: 'markers arrive after the client has given them up and connected anew',
    options: GAPS,
    faults: [1_000, 3_000, 5_000].map((ms) => at(ms, 'cut', { b: 0.3, forMs: 300 })),
  },
  {
    name: 'two-workers-fill-gaps',
    what: 'two workers fill the same gaps until the older one notices',
    options: GAPS,
    faults: [1_500, 3_000, 4_500].map((ms) => at(ms, 'second-worker')),
  },
  {
    name: 'paused-worker-wakes',
    what: 'a worker sleeps past its membership and wakes with requests in hand',
    options: GAPS,
    faults: [at(1_000, 'pause', { b: 0.2, forMs: 1_500 }), at(1_500, 'second-worker')],
  },
  {
    name: 'worker-killed',
    what: 'kill -9 at any moment, the next one has nothing but the destination’s log',
    options: GAPS,
    faults: [700, 2_100, 3_900, 5_800].map((ms) => at(ms, 'crash', { b: 0.3 })),
  },
  {
    name: 'producer-state-expired',
    what: 'records are old, so the broker forgets the producer between any two batches',
    options: OLD,
    faults: [500, 1_000, 1_500, 2_000, 2_500, 3_000].map((ms) => at(ms, 'expire-producers')),
  },
  {
    name: 'expired-and-late',
    what: 'the producer is forgotten while requests are held up',
    options: OLD,
    faults: [
      at(1_000, 'lost-answers', { b: 0.2, forMs: 300 }),
      at(1_200, 'expire-producers'),
      at(1_600, 'cut', { b: 0.1 }),
    ],
  },
  {
    name: 'deadline',
    what: 'nothing answers for longer than any request may take',
    options: {},
    faults: [
      at(1_000, 'late-requests', { b: 0.1, forMs: 3_000 }),
      at(2_000, 'late-answers', { b: 0.1, forMs: 3_000 }),
    ],
  },
  {
    name: 'retention-overtakes',
    what: 'the source deletes what was not copied yet',
    options: { paceMs: 40 },
    faults: [at(1_000, 'late-answers', { a: 0.9, forMs: 3_000 }), at(2_500, 'retention', { a: 0, b: 1 })],
  },
  {
    name: 'scattered-survivors',
    what: 'a compacted source with more holes than records',
    options: { compaction: 0.5, paceMs: 40, backlog: 30 },
    faults: [at(2_000, 'crash'), at(4_000, 'cut')],
  },
  {
    name: 'followers-lag',
    what: 'the leader has batches that are not replicated, and their answers are lost',
    options: { ...THREE, paceMs: 40 },
    faults: [
      at(1_000, 'slow-followers', { forMs: 3_000 }),
      at(1_500, 'cut', { b: 0.9 }),
      at(3_000, 'crash', { b: 0.9 }),
    ],
  },
  {
    name: 'tail-lost-with-leader',
    what: 'a leader goes with what was not replicated',
    options: { ...THREE, ...GAPS },
    faults: [at(1_000, 'slow-followers', { forMs: 1_000 }), at(1_500, 'restart'), at(4_000, 'leader-change')],
  },
  {
    name: 'too-few-replicas',
    what: 'acks=all is refused before and after the append',
    options: { ...THREE, paceMs: 40 },
    faults: [at(900, 'slow-followers'), at(1_000, 'below-min-insync', { forMs: 1_000 })],
  },
  {
    name: 'unclean-election',
    what: 'the source loses its tail and grows past it again',
    options: { paceMs: 40, backlog: 30 },
    faults: [at(1_500, 'late-answers', { a: 0.9, forMs: 1_000 }), at(1_600, 'truncate', { a: 0, b: 0.9 })],
  },
  {
    name: 'truncated-while-nobody-works',
    what: 'the source loses its tail and grows past it while no worker runs',
    options: { paceMs: 40, backlog: 30 },
    faults: [at(1_200, 'crash'), at(1_300, 'truncate', { a: 0, b: 0.9 })],
  },
  {
    name: 'foreign-writer',
    what: 'somebody writes to a mirror while the link works',
    options: {},
    faults: [at(2_000, 'foreign')],
  },
  {
    name: 'foreign-while-nobody-works',
    what: 'somebody writes to a mirror while no worker runs, and the source grows past it',
    options: { paceMs: 40 },
    faults: [at(2_000, 'crash'), at(2_300, 'foreign')],
  },
  {
    name: 'damage-and-restart',
    what: 'a mirror is known to be wrong, and its worker is killed',
    options: { paceMs: 40 },
    faults: [at(2_000, 'foreign'), at(5_000, 'crash')],
  },
  {
    name: 'recreated-while-running',
    what: 'a topic is deleted and made again under a running worker',
    options: {},
    faults: [at(2_000, 'recreate', { b: 0.3 })],
  },
  {
    name: 'recreated-while-nobody-works',
    what: 'a topic is deleted and made again while no worker runs',
    options: {},
    faults: [at(2_000, 'crash'), at(2_200, 'recreate', { b: 0.3 })],
  },
  {
    name: 'mirror-deleted',
    what: 'somebody deletes a mirror',
    options: {},
    faults: [at(2_000, 'delete-mirror')],
  },
  {
    name: 'partitions-added',
    what: 'the source gains partitions and a topic while the network is slow',
    options: {},
    faults: [at(1_000, 'slow'), at(1_500, 'grow'), at(1_700, 'new-topic'), at(4_000, 'grow')],
  },
  {
    name: 'append-time',
    what: 'the source stamps its batches itself',
    options: { appendTime: 1, compressed: 0.5 },
    faults: [at(2_000, 'crash'), at(3_000, 'cut')],
  },
  {
    name: 'group-in-use',
    what: 'a group works at the destination for a while',
    options: { groups: 2 },
    faults: [at(2_000, 'group-in-use', { forMs: 3_000 })],
  },
  {
    name: 'clock-jumps',
    what: 'the worker’s clock is set back and forth by up to an hour',
    options: {},
    faults: [
      at(1_000, 'clock-jump', { a: 0.1 }),
      at(1_100, 'restart'),
      at(4_000, 'clock-jump', { a: 0.9, b: 1 }),
    ],
  },
  {
    name: 'metadata-behind',
    what: 'a broker tells of topics as they were',
    options: {},
    faults: [
      at(1_500, 'stale-metadata', { forMs: 3_000 }),
      at(1_600, 'new-topic'),
      at(2_000, 'leader-change'),
    ],
  },
  // Runs that have shown a bug of the product. The bug is gone; the run stays.
  {
    name: 'clock-set-back',
    what: 'a pause after a failure lasted as long as the clock was set back',
    seed: 68,
  },
  { name: 'two-markers-for-one-gap', what: 'two workers filled one gap, and nobody noticed', seed: 166 },
  { name: 'unread-broker', what: 'a source partition moved to a broker that nobody read from', seed: 2_819 },
  {
    name: 'position-comes-back',
    what: 'a position that had gone at the source blocked its group for good',
    seed: 3_016,
  },
  {
    name: 'stranger-before-a-gap',
    what: 'a foreign record before markers of the link moved all that followed, and nobody noticed',
    seed: 5_451,
  },
  {
    name: 'trimmed-for-another',
    what: 'a mirror lost records because the topic made again at the source begins later',
    seed: 4_050,
  },
  {
    name: 'data-behind-a-marker',
    what: 'a batch that was given up came behind markers sent since, at a wrong offset, and nobody noticed',
    seed: 27_694,
  },
  {
    name: 'sequence-fits-by-chance',
    what: 'a worker that woke went on counting where the one after it, forgotten by the leader, had begun anew',
    seed: 13_618,
  },
  {
    name: 'second-before-first',
    what: 'the leader knew nothing of the writer, refused the first of two batches and took the second',
    seed: 13_591,
  },
  {
    name: 'regrown-behind-a-marker',
    what: 'a source that lost its tail was copied on from, as the mirror ended with a marker',
    seed: 3_431,
  },
  {
    name: 'regrown-while-asked',
    what: 'a source that ended before the mirror had grown past it when its range was asked for',
    seed: 11_209,
  },
  {
    name: 'position-written-unheard',
    what: 'a position whose answer was lost was taken for one that somebody else had written',
    seed: 41_919,
  },
  {
    name: 'position-waits-for-the-lost',
    what: 'positions waited for records that the source had lost since they were read',
    seed: 43_543,
  },
  {
    name: 'regrown-behind-many-markers',
    what: 'a new worker copied on from a source that lost its tail, as the mirror ended with a dozen markers',
    seed: 2_850,
  },
  {
    name: 'truncated-and-compacted',
    what: 'what replaced the mirror’s last batch was compacted away, so that a new worker had nothing to compare',
    seed: 37_464,
  },
  {
    name: 'found-by-an-overtaken-leader',
    what: 'damage noted by a leading worker that was overtaken meanwhile was passed over by its successor',
    seed: 62_106,
  },
  {
    name: 'partitions-gained-while-it-was-made',
    what: 'a mirror waited for ever for the leader of a partition that only the source had',
    seed: 69_913,
  },
  {
    name: 'position-while-a-partition-is-refused',
    what: 'positions were cut to where the mirror ended, as one of its new partitions could not be made just then',
    seed: 92_573,
  },
  {
    name: 'overtaken-with-records-in-hand',
    what: 'retention overtook the link while it held records that it had read before, and these were dropped',
    seed: 34_821,
  },
  {
    name: 'more-markers-than-the-gap',
    what: 'markers that were given up and those in their place all landed, over records behind the gap',
    seed: 16_332,
  },
  {
    name: 'regrown-tail',
    what: 'a source that lost its tail and grew past it was copied on from',
    seed: 690,
  },
]
