/** Seeds S50 and S51: an Ingress in front of three Services, the controller on the network of vms83. */
import { describe, expect, it } from 'vitest';
import { toNumber } from '../../src/lib/fraction.ts';
import { ask, load, outcome } from './support.ts';

const loaded = load('ingress-nginx');

describe('S50 an Ingress leads each host to its Service', () => {
  it.each([
    ['liruilongs.nginx1', 'pod-svc'],
    ['liruilongs.nginx2', 'pod-svc-1'],
    ['liruilongs.nginx3', 'pod-svc-2'],
  ])('%s is answered by %s', (host, pod) => {
    const trace = ask(loaded, 'host/outside', `http://${host}/`);
    expect(outcome(trace)).toBe('delivered connected');
    expect(trace.query.destinationAddress).toBe('192.168.26.83');
    expect(trace.paths.map(({ backend }) => backend?.pod)).toEqual([`liruilong-svc-create/${pod}`]);
    expect(trace.paths.map(({ http }) => http?.proxy)).toEqual(['ingress-nginx/ingress-nginx-controller-0']);
  });

  it('the backend sees the controller, and on its node the walk goes straight to the Pod', () => {
    const [path] = ask(loaded, 'host/outside', 'http://liruilongs.nginx2/').paths;
    expect(path?.sourceSeen).not.toBe('192.168.26.1');
    expect(path?.hops.map(({ node }) => node)).toEqual(['outside', 'vms83', 'vms83', 'vms83', 'vms83']);
    expect(path?.hops.flatMap(({ steps }) => steps).some(({ chain }) => chain?.startsWith('KUBE-SVC') === true)).toBe(
      false,
    );
  });
});

describe('S51 an Ingress carries HTTP alone', () => {
  it.each([
    ['http://192.168.26.83/', 'rejected http-404 INGRESS_HOST_UNMATCHED'],
    ['http://liruilongs.nginx1:8080/', 'rejected refused SOCKET_NOT_LISTENING'],
    ['192.168.26.83:3306', 'rejected refused SOCKET_NOT_LISTENING'],
  ])('%s is %s', (destination, expected) => {
    expect(outcome(ask(loaded, 'host/outside', destination))).toBe(expected);
  });

  it('shares of a canary and of the rest add up to 1', () => {
    const trace = ask(load('ingress-nginx', 'more/backends.yaml'), 'host/outside', 'http://shop.example.com/exact');
    expect(trace.paths.map(({ probability }) => toNumber(probability))).toEqual([0.8, 0.2]);
    expect(toNumber(trace.result.deliveredShare)).toBe(0.8);
  });
});
