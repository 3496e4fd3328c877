/** S40-S43: names, in Cluster C. */
import { describe, expect, it } from 'vitest';
import { ask, load, outcome, outcomes, show } from './support.ts';

const loaded = load('flannel-iptables');

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
