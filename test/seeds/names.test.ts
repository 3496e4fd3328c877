/** S36, S37, S40-S44: names, in Cluster C and of headless and external Services. */
import { describe, expect, it } from 'vitest';
import { say } from '../../src/explain/language.ts';
import { printIp } from '../../src/net/address.ts';
import { ask, load, outcome, outcomes, show } from './support.ts';

const loaded = load('flannel-iptables');
const headless = load('headless-statefulset');

describe('S40', () => {
  it('/etc/resolv.conf of a Pod in yuchao', async () => {
    const text = await show('flannel-iptables', 'dns', 'yuchao/shell');
    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
      'search yuchao.svc.cluster.local svc.cluster.local cluster.local',
      'nameserver 10.96.0.10',
      'options ndots:5',
    ]);
  });
});

describe('S41', () => {
  it('from yuchao the short name and the full one resolve, what lies between does not', () => {
    expect(
      outcomes(loaded, [
        'yuchao/shell eladmin-api:8000',
        'yuchao/shell eladmin-api.yuchao.svc.cluster.local:8000',
        'yuchao/shell eladmin-api.svc.cluster.local:8000',
        'yuchao/shell eladmin-api.cluster.local:8000',
      ]),
    ).toEqual([
      'yuchao/shell eladmin-api:8000 => delivered connected',
      'yuchao/shell eladmin-api.yuchao.svc.cluster.local:8000 => delivered connected',
      'yuchao/shell eladmin-api.svc.cluster.local:8000 => dropped name-error DNS_NXDOMAIN',
      'yuchao/shell eladmin-api.cluster.local:8000 => dropped name-error DNS_NXDOMAIN',
    ]);
  });

  it('from default the short name does not resolve, the one with its namespace does', () => {
    expect(outcomes(loaded, ['default/shell eladmin-api:8000', 'default/shell eladmin-api.yuchao:8000'])).toEqual([
      'default/shell eladmin-api:8000 => dropped name-error DNS_NXDOMAIN',
      'default/shell eladmin-api.yuchao:8000 => delivered connected',
    ]);
  });

  it('the search path is walked in order, by packets to kube-dns', () => {
    const { dns } = ask(loaded, 'default/shell', 'eladmin-api.yuchao:8000');
    expect(dns?.queries.map(({ name, answer }) => `${name} ${answer}`)).toEqual([
      'eladmin-api.yuchao.default.svc.cluster.local. NXDOMAIN',
      'eladmin-api.yuchao.svc.cluster.local. NOERROR',
    ]);
    expect(dns?.addresses).toEqual(['10.110.57.234']);
    const ends = dns?.paths.map(({ backend, verdict }) => `${backend?.ip}:${backend?.port} ${verdict}`);
    expect(ends).toEqual(['10.244.0.6:53 delivered', '10.244.0.7:53 delivered']);
  });
});

describe('S42', () => {
  it.each(['eladmin-api', 'eladmin-api.yuchao', 'eladmin-api.yuchao.svc.cluster.local'])(
    "a node's own resolver does not know %s",
    (name) => {
      expect(outcome(ask(loaded, 'node/k8s-slave1', `${name}:8000`))).toBe('dropped name-error DNS_NXDOMAIN');
    },
  );
});

describe('S43', () => {
  it('the environment of a Pod has the Services of its own namespace', async () => {
    const own = (await show('flannel-iptables', 'env', 'yuchao/shell')).split('\n');
    expect(own).toEqual(
      expect.arrayContaining([
        'ELADMIN_API_SERVICE_HOST=10.110.57.234',
        'ELADMIN_API_SERVICE_PORT=8000',
        'MYSQL_SERVICE_HOST=10.106.247.171',
        'REDIS_SERVICE_PORT=6379',
      ]),
    );
    expect(own.filter((line) => line.startsWith('KUBE_DNS_'))).toEqual([]);
  });

  it('and not those of others; only the API server is known everywhere', async () => {
    const other = (await show('flannel-iptables', 'env', 'default/shell')).split('\n');
    expect(other.filter((line) => line.includes('SERVICE_HOST='))).toEqual(['KUBERNETES_SERVICE_HOST=10.96.0.1']);
  });
});

describe('S37', () => {
  it('an ExternalName is an alias of a name outside, of which the input says nothing', () => {
    const trace = ask(headless, 'shell', 'payments:443');
    expect(outcome(trace)).toMatch(/^undetermined .* MODEL_DATA_MISSING$/);
    expect(say(trace.result.summary, 'en')).toContain(
      'the address of api.example.com, which --resolve api.example.com:ADDRESS gives',
    );
  });

  it('one that leads back into the cluster is followed', () => {
    const trace = ask(headless, 'shell', 'database:5432');
    expect(outcome(trace)).toBe('delivered connected');
    expect(trace.dns?.addresses).toEqual(['10.96.7.1']);
  });

  it('kube-proxy has no rule for it', async () => {
    expect(await show('headless-statefulset', 'iptables', 'n1')).not.toMatch(
      /data\/(payments|database|db|peers|queue)[: ]/,
    );
  });
});

describe('S44', () => {
  it('each Pod of a StatefulSet has a name behind the headless Service', () => {
    const addresses = headless.cluster.pods
      .filter(({ name }) => /^db-\d$/.test(name))
      .map(({ name, ips }) => [name, ips.map(printIp)]);
    expect(addresses.map(([name]) => name)).toEqual(['db-0', 'db-1', 'db-2']);
    for (const [name, ips] of addresses) {
      const trace = ask(headless, 'shell', `${name}.db.data.svc.cluster.local:5432`);
      expect(outcome(trace)).toBe('delivered connected');
      expect(trace.dns?.addresses).toEqual(ips);
    }
    const all = ask(headless, 'shell', 'db:5432').dns?.addresses ?? [];
    expect([...all].sort()).toEqual(addresses.flatMap(([, ips]) => ips).sort());
  });

  it('no name for a Pod that is not there, nor behind a Service with a ClusterIP', () => {
    expect(outcomes(headless, ['shell db-3.db:5432', 'shell db-0.db-read:5432'])).toEqual([
      'shell db-3.db:5432 => dropped name-error DNS_NXDOMAIN',
      'shell db-0.db-read:5432 => dropped name-error DNS_NXDOMAIN',
    ]);
  });

  it('addresses that are not ready are published where the Service says so', () => {
    expect(ask(headless, 'shell', 'peers:7000').dns?.addresses).toEqual(['10.244.1.30']);
    expect(outcome(ask(headless, 'shell', 'queue:7000'))).toBe('dropped name-error DNS_NXDOMAIN');
  });
});
