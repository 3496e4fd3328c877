/** Docker's rules, as engines up to 27 write them (daemon/libnetwork/drivers/bridge/setup_ip_tables.go, iptables.ChainInfo). */
import type { Hook } from '../../kernel/netfilter/hook.ts';
import type { RuleSpec } from '../../kernel/netfilter/ruleset.ts';
import type { ChainSpec, HookSpec, IptablesSpec } from '../../kernel/netns-spec.ts';
import type { OriginId } from '../../kernel/origin.ts';
import { eager } from '../../lib/lazy.ts';
import { isIp4, printIp } from '../../net/address.ts';
import { printPrefix } from '../../net/prefix.ts';
import type { Attachment, BridgeNetwork } from './networks.ts';

export type RuleOptions = {
  readonly userlandProxy: boolean;
  readonly dropsForwarded: boolean;
  readonly host: OriginId;
};

export function dockerRules(
  networks: readonly BridgeNetwork[],
  attachments: readonly Attachment[],
  options: RuleOptions,
): IptablesSpec {
  return {
    chains: chains(networks, attachments, options),
    hooks: [...filterHooks(networks, options), ...natHooks(networks, attachments, options)],
    ...(options.dropsForwarded ? { policies: [{ table: 'filter', chain: 'FORWARD', policy: 'DROP' }] as const } : {}),
  };
}

function chains(
  networks: readonly BridgeNetwork[],
  attachments: readonly Attachment[],
  { userlandProxy, host }: RuleOptions,
): readonly ChainSpec[] {
  const filter = (chain: string, rules: readonly RuleSpec[]): ChainSpec => ({
    table: 'filter',
    chain,
    rules: eager(rules),
  });
  const back: RuleSpec = { args: ['-j', 'RETURN'], origin: host };
  const published = attachments.flatMap((attachment) => attachment.publish.map((port) => ({ ...attachment, port })));
  return [
    // For the administrator: Docker only makes it.
    filter('DOCKER-USER', [back]),
    filter('DOCKER-ISOLATION-STAGE-1', [
      ...networks.map(({ bridge, origin }) => ({
        args: ['-i', bridge, '!', '-o', bridge, '-j', 'DOCKER-ISOLATION-STAGE-2'],
        origin,
      })),
      back,
    ]),
    filter('DOCKER-ISOLATION-STAGE-2', [
      ...networks.map(({ bridge, origin }) => ({ args: ['-o', bridge, '-j', 'DROP'], origin })),
      back,
    ]),
    filter(
      'DOCKER',
      published.map(({ network: { bridge }, address, port, origin }) => ({
        args: [
          '!',
          '-i',
          bridge,
          '-o',
          bridge,
          '-p',
          port.protocol,
          '-d',
          printIp(address),
          '--dport',
          String(port.containerPort),
          '-j',
          'ACCEPT',
        ],
        origin,
      })),
    ),
    {
      table: 'nat',
      chain: 'DOCKER',
      rules: eager([
        // With docker-proxy, a container that calls its own host's port talks to that process.
        ...(userlandProxy
          ? networks.map(({ bridge, origin }) => ({ args: ['-i', bridge, '-j', 'RETURN'], origin }))
          : []),
        ...published.map(({ network: { bridge }, address, port, origin }) => ({
          args: [
            ...[
              '-p',
              port.protocol,
              '-d',
              port.hostIp === undefined ? '0.0.0.0/0' : printIp(port.hostIp),
              '--dport',
              String(port.hostPort),
            ],
            ...[
              '-j',
              'DNAT',
              '--to-destination',
              `${isIp4(address) ? printIp(address) : `[${printIp(address)}]`}:${port.containerPort}`,
            ],
            ...(userlandProxy ? ['!', '-i', bridge] : []),
          ],
          origin,
        })),
      ]),
    },
  ];
}

/** Docker inserts: what it writes last stands first. A network that forbids talk inside it appends its DROP instead. */
function filterHooks(networks: readonly BridgeNetwork[], { host }: RuleOptions): readonly HookSpec[] {
  const forward = (place: 'insert' | 'append', origin: OriginId, ...args: readonly string[]): HookSpec => ({
    table: 'filter',
    chain: 'FORWARD',
    place,
    rule: { args, origin },
  });
  return [
    ...[...networks]
      .reverse()
      .flatMap(({ bridge, icc, origin }) => [
        icc
          ? forward('insert', origin, '-i', bridge, '-o', bridge, '-j', 'ACCEPT')
          : forward('append', origin, '-i', bridge, '-o', bridge, '-j', 'DROP'),
        forward('insert', origin, '-i', bridge, '!', '-o', bridge, '-j', 'ACCEPT'),
        forward('insert', origin, '-o', bridge, '-j', 'DOCKER'),
        forward('insert', origin, '-o', bridge, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED', '-j', 'ACCEPT'),
      ]),
    forward('insert', host, '-j', 'DOCKER-ISOLATION-STAGE-1'),
    forward('insert', host, '-j', 'DOCKER-USER'),
  ];
}

function natHooks(
  networks: readonly BridgeNetwork[],
  attachments: readonly Attachment[],
  { userlandProxy, host }: RuleOptions,
): readonly HookSpec[] {
  const nat = (chain: Hook, place: 'insert' | 'append', origin: OriginId, ...args: readonly string[]): HookSpec => ({
    table: 'nat',
    chain,
    place,
    rule: { args, origin },
  });
  const toLocal = ['-m', 'addrtype', '--dst-type', 'LOCAL'];
  return [
    nat('PREROUTING', 'append', host, ...toLocal, '-j', 'DOCKER'),
    nat('OUTPUT', 'append', host, ...toLocal, ...(userlandProxy ? ['!', '-d', '127.0.0.0/8'] : []), '-j', 'DOCKER'),
    ...[...networks]
      .reverse()
      .flatMap(({ bridge, subnet, origin }) => [
        nat('POSTROUTING', 'insert', origin, '-s', printPrefix(subnet), '!', '-o', bridge, '-j', 'MASQUERADE'),
        ...(userlandProxy
          ? []
          : [
              nat(
                'POSTROUTING',
                'insert',
                origin,
                '-m',
                'addrtype',
                '--src-type',
                'LOCAL',
                '-o',
                bridge,
                '-j',
                'MASQUERADE',
              ),
            ]),
      ]),
    // A container that reaches itself by its published port.
    ...attachments.flatMap(({ address, publish, origin }) =>
      publish.map(({ protocol, containerPort }) =>
        nat(
          'POSTROUTING',
          'append',
          origin,
          '-p',
          protocol,
          '-s',
          printIp(address),
          '-d',
          printIp(address),
          '--dport',
          String(containerPort),
          '-j',
          'MASQUERADE',
        ),
      ),
    ),
  ];
}
