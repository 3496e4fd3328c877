/**
 * Sockets for machines that were built by the script: a program for Python 3, started once per machine with
 * `NAME PROTOCOL:ADDRESS:PORT …`. A TCP client is told who answered and whom it saw; a datagram likewise.
 */
export const LISTENER_PROGRAM = `import selectors, socket, sys
name, wanted = sys.argv[1], sys.argv[2:]
ready = selectors.DefaultSelector()
for place in wanted:
    protocol, rest = place.split(':', 1)
    address, port = rest.rsplit(':', 1)
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM if protocol == 'tcp' else socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind((address, int(port)))
    if protocol == 'tcp':
        s.listen(64)
    ready.register(s, selectors.EVENT_READ, protocol)
while True:
    for key, _ in ready.select():
        try:
            if key.data == 'tcp':
                client, peer = key.fileobj.accept()
                client.sendall(('%s saw %s:%d\\n' % (name, peer[0], peer[1])).encode())
                client.close()
            else:
                data, peer = key.fileobj.recvfrom(65536)
                key.fileobj.sendto(('%s saw %s:%d\\n' % (name, peer[0], peer[1])).encode(), peer)
        except OSError:
            pass
`;
