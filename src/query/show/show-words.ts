/** What `nettrace show` can print. */
export const SHOW_WORDS = [
  'interfaces',
  'routes',
  'rules',
  'neighbours',
  'iptables',
  'nftables',
  'ipvs',
  'ipsets',
  'bgp',
  'conntrack',
  'services',
  'dns',
  'policies',
  'env',
] as const;

export type ShowWord = (typeof SHOW_WORDS)[number];

export function showWordOf(text: string): ShowWord | undefined {
  return SHOW_WORDS.find((word) => word === text);
}
