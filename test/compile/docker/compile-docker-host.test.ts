import { describe, expect, it } from 'vitest';
import { compileDockerHost } from '../../../src/compile/docker/compile-docker-host.ts';
import type { DockerContainer, DockerHost } from '../../../src/compile/docker/docker.ts';
import { OriginTable } from '../../../src/compile/origin.ts';
import { netnsId } from '../../../src/kernel/netns-id.ts';
import { printIp } from '../../../src/net/address.ts';
import { printPrefix } from '../../../src/net/prefix.ts';
import { ip, prefix } from '../cluster-fixture.ts';
import { hooked, listing } from '../listing.ts';

function container(name: string, fields: Partial<DockerContainer> = {}): DockerContainer {
  return { name, netns: netnsId(name), network: 'bridge', publish: [], listeners: [], ...fields };
}

function host(fields: Partial<DockerHost>): DockerHost {
  return { name: 'vms100', netns: netnsId('vms100'), networks: [], containers: [], ...fields };
}

function compiled(fields: Partial<DockerHost>) {
  const result = compileDockerHost(host(fields), new OriginTable());
  if (!result.ok) throw new Error(result.issues.map(({ message }) => message).join('\n'));
  const { iptables } = result.value.host;
  if (iptables === undefined) throw new Error('no rules');
  return {
    ...result.value,
    iptables,
    chain: (table: 'nat' | 'filter', name: string) => listing(iptables, table, (each) => each === name),
  };
}

function messages(fields: Partial<DockerHost>): readonly string[] {
  const result = compileDockerHost(host(fields), new OriginTable());
  return result.ok
    ? []
    : result.issues.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`));
}

const web = container('web', {
  publish: [{ protocol: 'tcp', hostPort: 8080, containerPort: 80 }],
  listeners: [{ protocol: 'tcp', port: 80 }],
});

describe('S01: the default bridge network', () => {
  const {
    host: parts,
    containers,
    addressOf,
  } = compiled({ containers: [web, container('db', { address: ip('172.17.0.2') }), container('tools')] });
  const [docker0, veth] = parts.devices ?? [];

  it('has docker0 with the first address of 172.17.0.0/16', () => {
    expect(docker0).toMatchObject({
      kind: 'bridge',
      name: 'docker0',
      mtu: 1500,
      addresses: [{ ip: ip('172.17.0.1'), bits: 16 }],
    });
  });

  it('gives addresses in order, around those that are given', () => {
    expect([...addressOf].map(([name, address]) => `${name} ${printIp(address)}`)).toEqual([
      'web 172.17.0.3',
      'db 172.17.0.2',
      'tools 172.17.0.4',
    ]);
  });

  it('joins eth0 of a container to a port of docker0, its gateway', () => {
    const [first] = containers;
    const [eth0] = first?.devices ?? [];
    expect(veth).toMatchObject({
      kind: 'veth',
      peer: { netns: 'web', device: 'eth0' },
      port: { bridge: 'docker0', hairpin: false },
    });
    expect(eth0).toMatchObject({
      kind: 'veth',
      name: 'eth0',
      mac: '02:42:ac:11:00:03',
      peer: { netns: 'vms100', device: veth?.name },
    });
    expect(veth?.name).toMatch(/^veth[0-9a-f]{7}$/);
    expect(
      first?.routes?.map((route) =>
        route.type === 'unicast'
          ? `${printPrefix(route.destination)} ${printIp(route.nexthops[0].via ?? ip('::'))}`
          : '',
      ),
    ).toEqual(['0.0.0.0/0 172.17.0.1']);
  });
});

describe('rules', () => {
  const { iptables, chain, host: parts } = compiled({ containers: [web] });

  it('forward what containers send, answers to it, and nothing else', () => {
    expect(iptables.policies).toEqual([{ table: 'filter', chain: 'FORWARD', policy: 'DROP' }]);
    expect(hooked([iptables], 'filter', 'FORWARD')).toEqual([
      '-A FORWARD -j DOCKER-USER',
      '-A FORWARD -j DOCKER-ISOLATION-STAGE-1',
      '-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      '-A FORWARD -o docker0 -j DOCKER',
      '-A FORWARD -i docker0 ! -o docker0 -j ACCEPT',
      '-A FORWARD -i docker0 -o docker0 -j ACCEPT',
    ]);
    expect(chain('filter', 'DOCKER-USER')).toEqual(['-A DOCKER-USER -j RETURN']);
  });

  it('S03: translate a published port, and let what it became in', () => {
    expect(chain('nat', 'DOCKER')).toEqual([
      '-A DOCKER -i docker0 -j RETURN',
      '-A DOCKER -p tcp -d 0.0.0.0/0 --dport 8080 -j DNAT --to-destination 172.17.0.2:80 ! -i docker0',
    ]);
    expect(chain('filter', 'DOCKER')).toEqual([
      '-A DOCKER ! -i docker0 -o docker0 -p tcp -d 172.17.0.2 --dport 80 -j ACCEPT',
    ]);
    expect(hooked([iptables], 'nat', 'PREROUTING')).toEqual(['-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER']);
    expect(hooked([iptables], 'nat', 'OUTPUT')).toEqual([
      '-A OUTPUT -m addrtype --dst-type LOCAL ! -d 127.0.0.0/8 -j DOCKER',
    ]);
    expect(hooked([iptables], 'nat', 'POSTROUTING')).toEqual([
      '-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE',
      '-A POSTROUTING -p tcp -s 172.17.0.2 -d 172.17.0.2 --dport 80 -j MASQUERADE',
    ]);
  });

  it('leave 127.0.0.1 to docker-proxy', () => {
    expect(parts.listeners).toEqual([{ protocol: 'tcp', port: 8080, process: 'docker-proxy' }]);
  });

  it('do without docker-proxy when it is off: hairpin, route_localnet and masquerading instead', () => {
    const off = compiled({ containers: [web], userlandProxy: false, dropsForwarded: false });
    expect(off.iptables.policies).toBeUndefined();
    expect(off.chain('nat', 'DOCKER')).toEqual([
      '-A DOCKER -p tcp -d 0.0.0.0/0 --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
    ]);
    expect(hooked([off.iptables], 'nat', 'OUTPUT')).toEqual(['-A OUTPUT -m addrtype --dst-type LOCAL -j DOCKER']);
    expect(hooked([off.iptables], 'nat', 'POSTROUTING')[0]).toBe(
      '-A POSTROUTING -m addrtype --src-type LOCAL -o docker0 -j MASQUERADE',
    );
    expect(off.host.sysctls).toEqual({ 'net.ipv4.ip_forward': '1', 'net.ipv4.conf.docker0.route_localnet': '1' });
    expect(off.host.devices?.[1]?.port?.hairpin).toBe(true);
    expect(off.host.listeners).toEqual([]);
  });

  it('isolate bridges from each other, and the containers of one that forbids talk', () => {
    const two = compiled({
      networks: [{ name: 'back', bridge: 'br-back', icc: false }],
      containers: [container('db', { network: 'back' })],
    });
    expect(two.addressOf.get('db')).toBe(ip('172.18.0.2'));
    expect(hooked([two.iptables], 'filter', 'FORWARD').slice(2)).toEqual([
      '-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      '-A FORWARD -o docker0 -j DOCKER',
      '-A FORWARD -i docker0 ! -o docker0 -j ACCEPT',
      '-A FORWARD -i docker0 -o docker0 -j ACCEPT',
      '-A FORWARD -o br-back -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      '-A FORWARD -o br-back -j DOCKER',
      '-A FORWARD -i br-back ! -o br-back -j ACCEPT',
      '-A FORWARD -i br-back -o br-back -j DROP',
    ]);
    expect([
      ...two.chain('filter', 'DOCKER-ISOLATION-STAGE-1'),
      ...two.chain('filter', 'DOCKER-ISOLATION-STAGE-2'),
    ]).toEqual([
      '-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2',
      '-A DOCKER-ISOLATION-STAGE-1 -i br-back ! -o br-back -j DOCKER-ISOLATION-STAGE-2',
      '-A DOCKER-ISOLATION-STAGE-1 -j RETURN',
      '-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP',
      '-A DOCKER-ISOLATION-STAGE-2 -o br-back -j DROP',
      '-A DOCKER-ISOLATION-STAGE-2 -j RETURN',
    ]);
  });
});

describe('S02: network modes', () => {
  const http = { listeners: [{ protocol: 'tcp', port: 80 }] } as const;
  const {
    netnsOf,
    containers,
    host: parts,
    notes,
  } = compiled({
    containers: [
      container('web'),
      container('side', { network: 'container:web', ...http }),
      container('aside', { network: 'container:side' }),
      container('agent', { network: 'host', ...http, publish: [{ protocol: 'tcp', hostPort: 1, containerPort: 1 }] }),
      container('alone', { network: 'none', ...http }),
    ],
  });

  it('say whose namespace a container is in', () => {
    expect([...netnsOf]).toEqual([
      ['web', 'web'],
      ['side', 'web'],
      ['aside', 'web'],
      ['agent', 'vms100'],
      ['alone', 'alone'],
    ]);
  });

  it('put sockets where the processes are', () => {
    expect(containers.map(({ id, devices, listeners }) => ({ id, devices: devices.length, listeners }))).toEqual([
      { id: 'web', devices: 1, listeners: [{ protocol: 'tcp', port: 80, process: 'side' }] },
      { id: 'alone', devices: 0, listeners: [{ protocol: 'tcp', port: 80, process: 'alone' }] },
    ]);
    expect(parts.listeners).toEqual([{ protocol: 'tcp', port: 80, process: 'agent' }]);
  });

  it('on the host discard published ports, and say so', () => {
    expect(notes.map(({ code }) => code)).toEqual(['PUBLISHED_PORTS_DISCARDED']);
  });
});

describe('mistakes', () => {
  it.each([
    {
      name: 'a network that is not there',
      fields: { networks: [{ name: 'back' }], containers: [container('c', { network: 'bakc' })] },
      message: "container 'c': host 'vms100' has no Docker network 'bakc'; it has bridge, back (did you mean 'back'?)",
    },
    {
      name: 'a container that is not there',
      fields: { containers: [container('c', { network: 'container:wbe' }), container('web')] },
      message: "container 'c': host 'vms100' has no container 'wbe' to share a network with (did you mean 'web'?)",
    },
    {
      name: 'an address outside the subnet',
      fields: { containers: [container('c', { address: ip('10.0.0.1') })] },
      message: "address of container 'c': 10.0.0.1 is not in 172.17.0.0/16",
    },
    {
      name: 'an address that is taken',
      fields: {
        containers: [container('a', { address: ip('172.17.0.9') }), container('b', { address: ip('172.17.0.9') })],
      },
      message: "container 'b': 172.17.0.9 is taken by container 'a' of Docker network 'bridge'",
    },
    {
      name: "the gateway's address",
      fields: { containers: [container('a', { address: ip('172.17.0.1') })] },
      message: "container 'a': 172.17.0.1 is taken by the gateway of Docker network 'bridge'",
    },
    {
      name: 'one port published twice',
      fields: {
        containers: [
          web,
          container('b', {
            publish: [{ protocol: 'tcp', hostPort: 8080, hostIp: ip('127.0.0.1'), containerPort: 81 }],
          }),
        ],
      },
      message: "container 'b': port 8080/tcp of host 'vms100' is already published by container 'web'",
    },
    {
      name: 'overlapping subnets',
      fields: {
        networks: [
          { name: 'back', subnet: prefix('172.17.1.0/24') },
          { name: 'bridge', subnet: prefix('172.17.0.0/16') },
        ],
      },
      message: "Docker networks 'bridge' (172.17.0.0/16) and 'back' (172.17.1.0/24) of host 'vms100' overlap",
    },
    {
      name: 'ports published by a container that shares a network',
      fields: { containers: [container('a', { network: 'container:web', publish: web.publish }), web] },
      message: "container 'a': it cannot publish ports, as its network is container:web",
    },
    {
      name: 'networks shared in a circle',
      fields: { containers: [container('a', { network: 'container:a' })] },
      message: "container 'a': its network leads back to container 'a'",
    },
    {
      name: 'a subnet that is full',
      fields: {
        networks: [{ name: 'tiny', subnet: prefix('10.9.0.0/30') }],
        containers: [container('a', { network: 'tiny' }), container('b', { network: 'tiny' })],
      },
      message: "container 'b': no address is free in 10.9.0.0/30 of Docker network 'tiny'",
    },
  ])('$name', ({ fields, message }) => {
    expect(messages(fields)).toEqual([message]);
  });
});
