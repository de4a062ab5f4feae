import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

import { SETTINGS } from '../../src/config.js';
import { describeMetrics } from '../../src/metrics/describe.js';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const engine = (JSON.parse(read('package.json')) as { engines: { node: string } }).engines.node;

const VARIABLES: ReadonlySet<string> = new Set(Object.values(SETTINGS).map(({ env }) => env));
/** What Node reads itself. */
const OF_NODE = new Set(['NODE_ENV']);

function expectKnown(variables: readonly string[]): void {
  expect(variables.filter((name) => !VARIABLES.has(name) && !OF_NODE.has(name))).toEqual([]);
}

const METRICS = new Map(describeMetrics().map((metric) => [metric.name, metric]));
/** Labels that Prometheus adds. */
const ADDED = new Set(['job', 'instance', 'le']);

function metricOf(series: string) {
  const histogram = METRICS.get(series.replace(/_(bucket|sum|count)$/, ''));
  return METRICS.get(series) ?? (histogram?.type === 'histogram' ? histogram : undefined);
}

/** What is wrong with an expression: names that no metric has, labels that its metric has not, brackets that do not close. */
function problemsOf(expression: string): readonly string[] {
  const problems: string[] = [];
  const known = new Set(ADDED);
  for (const [, series = '', selector = ''] of expression.matchAll(/\b((?:tasktracker|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)) {
    const metric = metricOf(series);
    if (metric === undefined) {
      problems.push(`no metric ${series}`);
      continue;
    }
    for (const label of metric.labels) known.add(label);
    for (const [, label = ''] of selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) if (!metric.labels.includes(label) && !ADDED.has(label)) problems.push(`${series} has no label ${label}`);
  }
  for (const [, labels = ''] of expression.matchAll(/\b(?:by|on) \(([^)]*)\)/g)) {
    for (const label of labels.split(',').map((text) => text.trim())) if (!known.has(label)) problems.push(`nothing has a label ${label}`);
  }
  const bare = expression.replace(/"[^"]*"/g, '');
  for (const [open, close] of ['()', '[]', '{}']) if (bare.split(open as string).length !== bare.split(close as string).length) problems.push(`${open as string} does not close`);
  return problems;
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
}

describe('the rules for Prometheus', () => {
  const { groups } = parse(read('deploy/prometheus/rules.yml')) as { groups: readonly { name: string; rules: readonly Rule[] }[] };
  const rules = groups.flatMap((group) => group.rules);

  it('ask only for what the metrics have', () => {
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.map(({ alert, expr }) => [alert, problemsOf(expr)]).filter(([, problems]) => (problems as string[]).length > 0)).toEqual([]);
  });

  it('have names of their own, a severity, and words for people that name only labels that are there', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, expr, labels, annotations } of rules) {
      expect(['info', 'warning', 'critical'], alert).toContain(labels.severity);
      for (const [, label = ''] of annotations.summary.matchAll(/\$labels\.(\w+)/g)) {
        const grouped = /\bby \(([^)]*)\)/.exec(expr)?.[1]?.split(',').map((text) => text.trim());
        const own = [...expr.matchAll(/\b(?:tasktracker|nodejs|process)_\w+/g)].flatMap(([series]) => metricOf(series)?.labels ?? []);
        expect(grouped ?? [...own, 'instance', 'job'], alert).toContain(label);
      }
    }
  });
});

describe('the dashboard for Grafana', () => {
  const { panels, templating } = JSON.parse(read('deploy/grafana/dashboards/tasktracker.json')) as { panels: readonly Panel[]; templating: { list: readonly { name: string; query: string | { query: string } }[] } };

  it('asks only for what the metrics have, by variables that it has', () => {
    const targets = panels.flatMap(({ title, targets: all = [] }) => all.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })));
    expect(targets.length).toBeGreaterThan(30);
    expect(targets.map(({ title, expr }) => [title, problemsOf(expr)]).filter(([, problems]) => (problems as string[]).length > 0)).toEqual([]);
    const names = new Set([...templating.list.map(({ name }) => name), '__rate_interval']);
    for (const { expr } of targets) for (const [, name = ''] of expr.matchAll(/\$(\w+)/g)) expect(names).toContain(name);
    for (const { query } of templating.list) if (typeof query === 'object') expect(problemsOf(query.query)).toEqual([]);
  });

  it('has panels with ids of their own', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});

describe('the image', () => {
  const instructions = read('Dockerfile')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [])
    .map(([, name = '', rest = '']) => ({ name, rest }));
  const stages = instructions.reduce<{ from: string; all: typeof instructions }[]>((found, each) => {
    if (each.name === 'FROM') found.push({ from: each.rest, all: [] });
    else found.at(-1)?.all.push(each);
    return found;
  }, []);
  const last = stages.at(-1)?.all ?? [];
  const of = (name: string): readonly string[] => last.filter((each) => each.name === name).map(({ rest }) => rest);

  it('is made of instructions that there are, on a Node that the package takes', () => {
    expect(instructions.every(({ name }) => ['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'EXPOSE', 'STOPSIGNAL', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD'].includes(name))).toBe(true);
    const least = Number(/(\d+)/.exec(engine)?.[1]);
    for (const { from } of stages) expect(Number(/^node:(\d+)-slim/.exec(from)?.[1])).toBeGreaterThanOrEqual(least);
  });

  it('holds no development dependencies, and does not run as root', () => {
    const dependencies = stages.find(({ from }) => from.endsWith(' AS dependencies'));
    expect(dependencies?.all.find(({ name }) => name === 'RUN')?.rest).toContain('npm ci --omit=dev');
    expect(of('COPY').filter((text) => text.includes('node_modules'))).toEqual(['--from=dependencies /app/node_modules node_modules']);
    expect(of('RUN')).toEqual([]);
    expect(of('USER')).toEqual(['node']);
  });

  it('copies what is there, starts what is built, and asks for its health where that is', () => {
    const sources = instructions.filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from')).flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));
    for (const source of sources) expect(existsSync(path.join(root, source)), source).toBe(true);
    expect(JSON.parse(of('ENTRYPOINT')[0] ?? '')).toEqual(['node', 'dist/cli.js']);
    expect(JSON.parse(of('CMD')[0] ?? '')).toEqual(['serve']);
    expect(of('HEALTHCHECK')[0]).toContain('/health/live');
    expectKnown(of('ENV').flatMap((text) => text.split(/\s+/).map((pair) => pair.split('=')[0] ?? '')));
  });

  it('is not sent what must not be in it', () => {
    const ignored = read('.dockerignore').split('\n');
    for (const name of ['node_modules', '.git', '.tasktracker', 'deploy']) expect(ignored).toContain(name);
  });
});

interface Compose {
  readonly services: Readonly<Record<string, { environment?: Record<string, string>; volumes?: readonly string[]; networks: readonly string[]; ports?: readonly string[]; secrets?: readonly string[]; depends_on?: unknown }>>;
  readonly networks: Record<string, { internal?: boolean } | null>;
  readonly volumes: Record<string, unknown>;
  readonly secrets: Record<string, unknown>;
}

describe('the Compose file', () => {
  const { services, networks, volumes, secrets } = parse(read('compose.yaml'), { merge: true }) as Compose;

  it('sets only what the API reads, in two replicas', () => {
    for (const name of ['api1', 'api2']) expectKnown(Object.keys(services[name]?.environment ?? {}));
    expect(services['api1']).toEqual(services['api2']);
  });

  it('names only networks, volumes, secrets, services and files that are there', () => {
    for (const [name, { volumes: mounted = [], networks: on, secrets: used = [], depends_on: needs = {} }] of Object.entries(services)) {
      for (const network of on) expect(networks, name).toHaveProperty(network);
      for (const secret of used) expect(secrets, name).toHaveProperty(secret);
      for (const needed of Array.isArray(needs) ? (needs as string[]) : Object.keys(needs as object)) expect(services, name).toHaveProperty(needed);
      for (const mount of mounted) {
        const [source = ''] = mount.split(':');
        if (source.startsWith('.')) expect(existsSync(path.join(root, source)), source).toBe(true);
        else expect(volumes, name).toHaveProperty(source);
      }
    }
  });

  it('shows nothing but the proxy and Grafana, to this machine only, and the database to nobody', () => {
    expect(Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port.split(':')[0]]))).toEqual([
      ['proxy', '127.0.0.1'],
      ['grafana', '127.0.0.1'],
    ]);
    expect(networks['database']).toEqual({ internal: true });
    for (const name of ['mongo1', 'mongo2', 'mongo3']) expect(services[name]?.networks).toEqual(['database']);
  });
});

describe('the manifests for Kubernetes', () => {
  const documents = parseAllDocuments(read('deploy/kubernetes/tasktracker.yaml')).map((document) => document.toJS() as Record<string, never>);
  const deployment = documents.find(({ kind }) => kind === 'Deployment') as unknown as {
    spec: { replicas: number; template: { spec: { terminationGracePeriodSeconds: number; securityContext: object; containers: [{ env: { name: string; value?: string }[]; lifecycle: { preStop: { exec: { command: string[] } } } } & Record<string, { httpGet?: { path: string } }>] } } };
  };
  const { template, replicas } = deployment.spec;
  const [container] = template.spec.containers;

  it('are a deployment of two, a budget, a service and an ingress', () => {
    expect(documents.map(({ kind }) => kind)).toEqual(['Deployment', 'PodDisruptionBudget', 'Service', 'Ingress']);
    expect(replicas).toBe(2);
    expect(template.spec.securityContext).toMatchObject({ runAsNonRoot: true });
  });

  it('set only what the API reads, and give it time to end in order', () => {
    expectKnown(container.env.map(({ name }) => name));
    const shutdownMs = Number(container.env.find(({ name }) => name === 'TASKTRACKER_SHUTDOWN_TIMEOUT_MS')?.value);
    const [, preStop] = container.lifecycle.preStop.exec.command;
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(shutdownMs / 1000 + Number(preStop));
  });

  it('restart only what does not serve, and send requests only to what is ready', () => {
    expect(container['livenessProbe']?.httpGet?.path).toBe('/health/live');
    expect(container['startupProbe']?.httpGet?.path).toBe('/health/live');
    expect(container['readinessProbe']?.httpGet?.path).toBe('/health/ready');
  });
});

describe('the notes on deploying', () => {
  it('lead to files and settings that are there', () => {
    const notes = read('deploy/README.md');
    for (const [, target = ''] of notes.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) expect(existsSync(path.join(root, 'deploy', target)), target).toBe(true);
    expectKnown([...notes.matchAll(/\bTASKTRACKER_[A-Z_]+\b/g)].map(([name]) => name));
    for (const [name] of notes.matchAll(/\btasktracker_[a-z_]+\b/g)) {
      if (!['tasktracker_active_taskId', 'tasktracker_active_task'].some((index) => index.startsWith(name))) expect(metricOf(name), name).toBeDefined();
    }
  });
});
