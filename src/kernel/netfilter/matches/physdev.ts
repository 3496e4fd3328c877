import { ArgumentError } from '../arguments.ts';
import type { MatchEnv } from '../match.ts';
import { printNot, type Use } from '../options.ts';
import { matchesInterface, parseInterface } from './interface-name.ts';
import { defineOptionMatch } from './option-match.ts';

type Flag = { readonly not: boolean };
type Device = { readonly not: boolean; readonly name: string };

type PhysdevSpec = {
  readonly isIn?: Flag | undefined;
  readonly in?: Device | undefined;
  readonly isOut?: Flag | undefined;
  readonly out?: Device | undefined;
  readonly isBridged?: Flag | undefined;
};

function readFlag(use: Use | undefined): Flag | undefined {
  return use === undefined ? undefined : { not: use.not };
}

function readDevice(use: Use | undefined): Device | undefined {
  return use === undefined ? undefined : { not: use.not, name: parseInterface(use) };
}

/** physdev_mt() */
function test(spec: PhysdevSpec, env: MatchEnv): boolean {
  const { isIn, in: inDevice, isOut, out: outDevice, isBridged } = spec;
  if (env.physIn === undefined && env.physOut === undefined && !env.bridged) {
    // Never seen by a bridge: holds only if everything asked is asked with `!`.
    return [isIn, inDevice, isOut, outDevice, isBridged].every((option) => option === undefined || option.not);
  }
  if (isBridged !== undefined && (env.bridged && env.physOut !== undefined) === isBridged.not) return false;
  if (isIn !== undefined && (env.physIn !== undefined) === isIn.not) return false;
  if (isOut !== undefined && (env.physOut !== undefined) === isOut.not) return false;
  if (
    inDevice !== undefined &&
    env.physIn !== undefined &&
    matchesInterface(inDevice.name, env.physIn) === inDevice.not
  )
    return false;
  return (
    outDevice === undefined ||
    (env.physOut !== undefined && matchesInterface(outDevice.name, env.physOut) !== outDevice.not)
  );
}

export const physdev = defineOptionMatch({
  name: 'physdev',
  kernel: 'net/netfilter/xt_physdev.c',
  options: [
    { name: '--physdev-is-in', words: 0, not: true },
    { name: '--physdev-in', not: true },
    { name: '--physdev-is-out', words: 0, not: true },
    { name: '--physdev-out', not: true },
    { name: '--physdev-is-bridged', words: 0, not: true },
  ],
  read: (given, _context, at): PhysdevSpec => {
    if (given.size === 0) throw new ArgumentError('the physdev match needs at least one option', at);
    return {
      isIn: readFlag(given.get('--physdev-is-in')),
      in: readDevice(given.get('--physdev-in')),
      isOut: readFlag(given.get('--physdev-is-out')),
      out: readDevice(given.get('--physdev-out')),
      isBridged: readFlag(given.get('--physdev-is-bridged')),
    };
  },
  print: (spec) =>
    [
      ...(spec.isIn === undefined ? [] : [`${printNot(spec.isIn.not)}--physdev-is-in`]),
      ...(spec.in === undefined ? [] : [`${printNot(spec.in.not)}--physdev-in ${spec.in.name}`]),
      ...(spec.isOut === undefined ? [] : [`${printNot(spec.isOut.not)}--physdev-is-out`]),
      ...(spec.out === undefined ? [] : [`${printNot(spec.out.not)}--physdev-out ${spec.out.name}`]),
      ...(spec.isBridged === undefined ? [] : [`${printNot(spec.isBridged.not)}--physdev-is-bridged`]),
    ].join(' '),
  test,
  /** physdev_mt_check(): which port a packet leaves by is known only where it is bridged. */
  refusal: ({ out, isOut, isBridged }, _table, hooks) =>
    (out !== undefined || isOut !== undefined) && (isBridged === undefined || isBridged.not) && hooks.includes('OUTPUT')
      ? '--physdev-out and --physdev-is-out cannot stand in OUTPUT without --physdev-is-bridged'
      : undefined,
});
