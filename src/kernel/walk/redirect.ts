/** ICMP redirects: net/ipv4/route.c ip_rt_send_redirect(), called by ip_forward() before the FORWARD hook. */
import { runHook } from '../netfilter/hook-run.ts';
import type { Netns } from '../netns.ts';
import { icmpError } from './icmp-error.ts';
import type { Run } from './run.ts';
import type { Skb } from './skb.ts';
import type { Answer, Cursor } from './stage.ts';

/**
 * A packet that leaves by the device it came in by makes the router tell its source of the better way. Nobody waits for that
 * message, and a host that follows it (accept_redirects) changes its later packets only; but it belongs to the connection of
 * the packet it quotes (nf_ct_attach()), and rules that it meets in OUTPUT and POSTROUTING may set that connection's mark,
 * which FORWARD then sees. inet_getpeer() counts what each source was told, of which this run knows nothing: one that was
 * told a moment ago is told no more. So where a mark changes, both can be.
 * @param at the packet with its TTL lowered, on its way to FORWARD.
 */
export function sendRedirect(run: Run, netns: Netns, at: Cursor): void {
  const connection = at.skb.connection?.connection;
  if (at.redirects !== true || connection === undefined) return;
  const redirect = icmpError(run, netns, at.skb, { type: 5, code: 1 }, at.inDevice);
  if (redirect === undefined) return;
  const { mark } = connection;
  run.aside(() => leave(run, netns, redirect));
  if (connection.mark === mark) return;
  const what = `an ICMP redirect to ${netns.id}'s neighbour changes the mark of the connection`;
  if (!run.chance({ kind: 'unknown', what })) connection.mark = mark;
}

/** ip_push_pending_frames(): the hooks that it passes here. */
function leave(run: Run, netns: Netns, { packet, connection, routed, attachedNothing }: Answer): void {
  const outDevice = routed === undefined || routed.outcome.kind === 'fail' ? undefined : routed.outcome.device;
  const skb: Skb = {
    packet,
    mark: 0,
    kernelMade: true,
    insideIcmpSend: true,
    socket: { uid: undefined, gid: undefined },
    ...(connection === undefined ? {} : { connection }),
    ...(attachedNothing === true ? { attachedNothing: true } : {}),
  };
  const sent = runHook(run, netns, 'OUTPUT', skb, { outDevice });
  if (sent.kind === 'accept') runHook(run, netns, 'POSTROUTING', sent.skb, { outDevice });
}
