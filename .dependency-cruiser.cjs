/**
 * The direction of imports (docs: model ← access ← queries, feed ← audit ← lifecycle ← operations, stats, live ← graphql ← server ← app ← cli, index).
 * Each part may import the parts before it, and nothing else of ours; the database part is a leaf, and so is concurrency, which knows nothing of ours.
 */
const allowed = {
  model: [],
  access: ['model'],
  concurrency: [],
  database: ['model'],
  queries: ['model', 'access'],
  feed: ['model', 'access', 'concurrency'],
  audit: ['model', 'access', 'queries', 'feed'],
  lifecycle: ['model', 'access', 'queries', 'audit'],
  operations: ['model', 'access', 'queries', 'feed', 'audit', 'lifecycle'],
  retention: ['model', 'access', 'queries', 'feed', 'audit', 'lifecycle', 'operations'],
  stats: ['model', 'access', 'concurrency', 'queries', 'lifecycle', 'feed'],
  live: ['model', 'access', 'concurrency', 'queries', 'feed'],
  alerts: ['model', 'access', 'feed', 'stats'],
  metrics: ['model', 'feed', 'retention', 'stats', 'alerts'],
  telemetry: ['model', 'lifecycle', 'feed'],
  graphql: ['model', 'access', 'queries', 'audit', 'lifecycle', 'operations', 'feed', 'stats', 'live', 'alerts'],
  server: ['model', 'access', 'queries', 'audit', 'lifecycle', 'operations', 'feed', 'stats', 'live', 'alerts', 'metrics', 'telemetry', 'graphql'],
};

const parts = Object.entries(allowed).map(([part, others]) => ({
  name: `${part}-imports-one-way`,
  comment: `src/${part} may import ${['itself', ...others].join(', ')}.`,
  severity: 'error',
  from: { path: `^src/${part}/` },
  to: { path: '^src/', pathNot: `^src/(${[part, ...others].join('|')})/` },
}));

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    ...parts,
    {
      name: 'app-knows-no-cli',
      comment: 'The application object is used by the command line and by libraries, not the other way round.',
      severity: 'error',
      from: { path: '^src/(app|config)(\\.ts$|/)' },
      to: { path: '^src/(cli|demo|index)(\\.ts$|/)' },
    },
    {
      name: 'client-stands-alone',
      comment: 'Browsers load the client: nothing of ours, nothing of Node. `ws` is imported where Node has no WebSocket.',
      severity: 'error',
      from: { path: '^src/client/' },
      to: { pathNot: '^(src/client/|node_modules/(graphql-ws|ws)/)' },
    },
    {
      name: 'config-for-app-and-cli-only',
      comment: 'Parts take options of their own, so that they can be used and tested without an environment.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(app|config|cli|demo|index)(\\.ts$|/)' },
      to: { path: '^src/config\\.ts$' },
    },
    {
      name: 'graphql-knows-no-driver',
      comment: 'Resolvers ask queries, lifecycle, statistics and feed; they never touch a model or the driver. Global ids name ObjectIds.',
      severity: 'error',
      from: { path: '^src/graphql/', pathNot: '^src/graphql/global-id\\.ts$' },
      to: { path: 'node_modules/(mongodb|mongoose)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'dashboard-knows-the-client-only',
      comment: 'The dashboard is proof that the public API is complete: of the server it uses nothing but what any client may.',
      severity: 'error',
      from: { path: '^dashboard/' },
      to: { path: '^src/', pathNot: '^src/client/' },
    },
    {
      name: 'dashboard-views-meet-at-their-index',
      comment: 'What a view shows to others, its index.tsx exports.',
      severity: 'error',
      from: { path: '^dashboard/src/(overview|queue|tasks|task-drawer|errors|actions|bulk)/' },
      to: { path: '^dashboard/src/(overview|queue|tasks|task-drawer|errors|actions|bulk)/', pathNot: ['^dashboard/src/$1/', '/index\\.tsx?$'] },
    },
    {
      name: 'dashboard-ground-knows-no-view',
      severity: 'error',
      from: { path: '^dashboard/src/(api|time|routing|theme|components|charts)/' },
      to: { path: '^dashboard/src/(layout|sign-in|overview|queue|tasks|task-drawer|errors|actions|bulk)/' },
    },
    {
      name: 'not-to-dev-dependency',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.tsx', '.d.ts', '.js', '.cjs', '.mjs', '.json'] },
  },
};
