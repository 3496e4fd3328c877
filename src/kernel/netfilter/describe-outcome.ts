import { printIp } from '../../net/address.ts';
import type { NatRange, TargetOutcome } from './target.ts';

/** What a rule did, in a few words: the target, with what it came to. */
export function describeOutcome(outcome: TargetOutcome, done: TargetOutcome): string {
  switch (outcome.kind) {
    case 'accept':
      return 'ACCEPT';
    case 'drop':
      return 'DROP';
    case 'return':
      return 'RETURN';
    case 'continue':
      return 'continue';
    case 'jump':
    case 'goto':
      return `${outcome.kind} ${outcome.chain}`;
    case 'reject':
      return `REJECT ${outcome.with}`;
    case 'mark':
      return `MARK 0x${outcome.mark.toString(16)}`;
    case 'connmark':
      return `CONNMARK 0x${outcome.mark.toString(16)}`;
    case 'dnat':
    case 'snat':
      return `${outcome.kind.toUpperCase()} ${printRange(outcome.range)}`;
    case 'masquerade':
    case 'redirect':
      return done.kind === 'drop' ? `${outcome.kind.toUpperCase()} (no address: DROP)` : outcome.kind.toUpperCase();
    case 'notrack':
      return 'NOTRACK';
    case 'log':
      return 'LOG';
    case 'trace':
      return 'TRACE';
    case 'alter':
      return outcome.what;
    case 'unknown':
      return `${outcome.what} (not modelled)`;
  }
}

function printRange(range: NatRange): string {
  const { addresses, ports } = range;
  const address =
    addresses === undefined
      ? ''
      : addresses.first === addresses.last
        ? printIp(addresses.first)
        : `${printIp(addresses.first)}-${printIp(addresses.last)}`;
  if (ports === undefined) return address;
  return `${address}:${ports.first === ports.last ? ports.first : `${ports.first}-${ports.last}`}`;
}
