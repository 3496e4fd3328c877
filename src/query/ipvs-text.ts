/** What IPVS did, in ipvsadm's words. */
import { printServer, printService } from '../kernel/ipvs/schedule.ts';
import type { IpvsStep } from '../kernel/walk/step.ts';

/** `rr of TCP 10.96.0.1:443 > 192.168.26.81:6443` */
export function ipvsActionText({ service, server, reply }: IpvsStep): string {
  const name = printService(service);
  if (reply) return `IPVS ${name} back`;
  const kept = service.persistence === undefined ? '' : ', persistent';
  return `IPVS ${service.scheduler}${kept} of ${name} > ${server === undefined ? 'no real server' : printServer(server)}`;
}
