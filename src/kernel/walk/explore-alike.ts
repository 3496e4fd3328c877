/** The alternatives of one choice, of which those that are known to be alike are walked once. */
import { compareIp, type IpAddr } from '../../net/address.ts';
import { portsOf } from '../../net/packet.ts';
import type { World } from '../world.ts';
import type { Alternative } from './alternatives.ts';
import { type FanOut, fanOutOf } from './fan-out.ts';
import type { Path, Step, Twin } from './step.ts';

/** What somebody knows of destinations that rules and routes alone do not say. */
export interface Alike {
  /** With fewer alternatives each is walked. */
  readonly least: number;
  /**
   * Alternatives of one kind and one form share their fate, but for names and addresses of their own machines; undefined:
   * not known.
   */
  kindOf(alternative: Alternative, fan: FanOut): string | undefined;
  /**
   * What the walk of `other` would count, of which `path` is the walk of its like; undefined: the walk came by something that
   * tells them apart after all.
   */
  statsOf(other: Alternative, walked: Alternative, path: Path, fan: FanOut): Path['stats'] | undefined;
}

/** One path by its choices: `script`, and the first option of each choice behind it. */
type Walker = (script: readonly number[]) => Path;

type Means = {
  readonly walk: Walker;
  /** Whether every rule of `first` is recorded, as of what `walk` walks. */
  readonly isWhole: boolean;
  /** Walks, at the most. */
  readonly most: number;
};

/**
 * The paths of every alternative of `first`'s last choice, in order, twins with the path that was walked for them.
 * undefined: the choice is not understood, or has too few alternatives, and everything is to be walked.
 */
export function exploreAlike(
  world: World,
  first: Path,
  taken: readonly number[],
  alike: Alike,
  { walk, isWhole, most }: Means,
): { readonly paths: readonly Path[]; readonly count: number } | undefined {
  const fan = fanOutOf(world, first);
  if (fan === undefined || fan.alternatives.length < alike.least) return undefined;
  const before = taken.slice(0, -1);
  const walkOne = (alternative: Alternative): Path | undefined => {
    const script = scriptOf(alternative, before);
    const path = isWhole && alternative === fan.alternatives[0] ? first : walk(script);
    return isWhatWasMeant(path, alternative, script) ? path : undefined;
  };
  const paths: Path[] = [];
  const groups = groupsOf(fan, alike);
  if (groups.length > most) return undefined;
  for (const group of groups) {
    const [chosen, ...others] = group;
    if (chosen === undefined) continue;
    const path = walkOne(chosen.alternative);
    if (path === undefined) return undefined;
    const twins: Twin[] = [];
    for (const { alternative, place } of others) {
      const stats = alike.statsOf(alternative, chosen.alternative, path, fan);
      if (stats === undefined) {
        const own = walkOne(alternative);
        if (own === undefined) return undefined;
        paths.push({ ...own, place });
        continue;
      }
      const { destination, port, probability } = alternative;
      twins.push({ place, destination, port, probability, stats });
    }
    paths.push({ ...path, place: chosen.place, ...(twins.length === 0 ? {} : { twins }) });
  }
  return { paths: paths.sort((a, b) => (a.place ?? 0) - (b.place ?? 0)), count: fan.alternatives.length };
}

type Placed = { readonly alternative: Alternative; readonly place: number };

/** Alternatives that are alike, the first of each group being the one to walk. */
function groupsOf(fan: FanOut, alike: Alike): readonly (readonly Placed[])[] {
  const groups = new Map<string, Placed[]>();
  // Forms are long, and mostly one.
  const forms = new Map<string, number>();
  for (const [place, alternative] of fan.alternatives.entries()) {
    const { destination, probability, form, port } = alternative;
    // Rules may look for the very address in the packet that is being translated.
    const apart = [fan.source, fan.asked].some((ip) => isSame(ip, destination));
    const kind = apart ? undefined : alike.kindOf(alternative, fan);
    const known = forms.get(form) ?? forms.size;
    forms.set(form, known);
    const share = `${probability.numerator}/${probability.denominator}`;
    const key = kind === undefined ? `${place}` : `${known} ${port} ${share} ${kind}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [{ alternative, place }]);
    else group.push({ alternative, place });
  }
  return [...groups.values()];
}

function scriptOf({ misses, option }: Alternative, before: readonly number[]): readonly number[] {
  return [...before, ...Array.from({ length: misses }, () => 1), ...(option === undefined ? [] : [option])];
}

/** The path came to the destination with the probability that was read, and nothing else was left to chance. */
function isWhatWasMeant(path: Path, alternative: Alternative, script: readonly number[]): boolean {
  const { probability, destination, port } = alternative;
  return (
    path.choices.length === script.length &&
    path.probability.numerator === probability.numerator &&
    path.probability.denominator === probability.denominator &&
    path.request.steps.some((step) => isTranslation(step, destination, port))
  );
}

function isTranslation(step: Step, destination: IpAddr, port: number): boolean {
  if (step.kind !== 'nat' && step.kind !== 'ipvs') return false;
  return isSame(step.after.dst, destination) && portsOf(step.after)?.dport === port;
}

function isSame(a: IpAddr, b: IpAddr): boolean {
  return typeof a === typeof b && compareIp(a, b) === 0;
}
