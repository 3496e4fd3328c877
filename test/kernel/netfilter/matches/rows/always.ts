/** Matches that always hold, and those whose outcome nobody can tell. */
import { type MatchRow, row } from './row.ts';

export const ALWAYS_ROWS: readonly MatchRow[] = [
  row('comment takes everything', '-m comment --comment "no matter what"', {}, 'hit'),
  row('nfacct counts and takes everything', '-m nfacct --nfacct-name ct_state_invalid_dropped_pkts', {}, 'hit'),
  row('string looks into payloads, which are not modelled', '-m string --string "GET /" --algo bm', {}, 'unknown'),
  row('time of day is not modelled', '-m time --timestart 08:00:00 --timestop 17:00:00', {}, 'unknown'),
  row('ipvs misses what IPVS has not touched', '-m ipvs --ipvs', {}, 'miss'),
  row('an unknown match may match', '-m foo --bar x ! --baz', {}, 'unknown'),
  row(
    'hashlimit --hashlimit-rate-match measures traffic',
    '-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name h --hashlimit-rate-match',
    {},
    'unknown',
  ),
  row('limit lets the first packet through', '-m limit --limit 5/min', {}, 'hit'),
  row(
    'hashlimit --hashlimit-upto takes the first packet',
    '-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name h',
    {},
    'hit',
  ),
  row(
    'hashlimit --hashlimit-above refuses the first packet',
    '-m hashlimit --hashlimit-above 5/sec --hashlimit-burst 5 --hashlimit-name h',
    {},
    'miss',
  ),
  row('hashlimit in bytes takes the first packet', '-m hashlimit --hashlimit-upto 1kb/s --hashlimit-name h', {}, 'hit'),
  row('recent --set takes and remembers', '-m recent --set --name a --mask 255.255.255.255 --rsource', {}, 'hit'),
  row('recent --rcheck refuses a stranger', '-m recent --rcheck --name a --mask 255.255.255.255 --rsource', {}, 'miss'),
  row(
    'recent ! --rcheck takes a stranger',
    '-m recent ! --rcheck --name a --mask 255.255.255.255 --rsource',
    {},
    'hit',
  ),
  row('recent --remove refuses a stranger', '-m recent --remove --name a --mask 255.255.255.255 --rsource', {}, 'miss'),
  row('statistic nth fires first on its packet', '-m statistic --mode nth --every 3 --packet 0', {}, 'hit'),
  row('statistic nth waits for its packet', '-m statistic --mode nth --every 3 --packet 1', {}, 'miss'),
  row('statistic nth ! turns it round', '-m statistic --mode nth ! --every 3 --packet 1', {}, 'hit'),
];
