"""Network namespaces owned by this process through file descriptors.

No name under /run/netns is made: a namespace lives as long as its descriptor (and the sockets in it), so nothing is left
behind when the process ends, by whatever signal. A socket keeps the namespace it was created in, so one process and one
epoll loop serve every machine of a topology.
"""
import ctypes
import os
import re
import subprocess

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000

# Words that `ip -batch` reads as they are. Others (a name may hold `#` or a quote) need an argument list of their own.
PLAIN_WORD = re.compile(r'^[A-Za-z0-9_.:/@%+,=-]+$')


class LabError(Exception):
    """The kernel or one of its tools refused what the plan asks for."""


def _call(name, *arguments):
    if getattr(LIBC, name)(*arguments):
        code = ctypes.get_errno()
        raise OSError(code, '%s: %s' % (name, os.strerror(code)))


class Namespace:
    """One network namespace. `with namespace:` moves the calling thread into it and back again."""

    home = None

    def __init__(self, name):
        self.name = name
        if Namespace.home is None:
            Namespace.home = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
        _call('unshare', CLONE_NEWNET)
        self.fd = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
        os.set_inheritable(self.fd, True)
        self.__exit__()

    def __enter__(self):
        _call('setns', self.fd, CLONE_NEWNET)
        return self

    def __exit__(self, *_):
        _call('setns', Namespace.home, CLONE_NEWNET)

    @property
    def path(self):
        """What `ip` takes as the name of this namespace."""
        return '/proc/self/fd/%d' % self.fd

    def close(self):
        os.close(self.fd)

    def write_sysctls(self, pairs, optional=False):
        """Pairs of a path below /proc/sys (which shows the calling thread's namespace) and a value."""
        with self:
            for path, value in pairs:
                try:
                    with open('/proc/sys/' + path, 'w', encoding='ascii') as file:
                        file.write(value)
                except OSError as error:
                    if not optional:
                        raise LabError('%s: sysctl %s = %s: %s' % (self.name, path, value, error.strerror)) from error

    def run(self, arguments, text=None):
        with self:
            return run(arguments, text, self.name)

    def batch(self, tool, lines):
        """Argument lists for `ip` or `bridge`, in as few processes as their words allow."""
        for group in groups(lines):
            if len(group) == 1 and not is_plain(group[0]):
                self.run([tool, *group[0]])
            else:
                self.run([tool, '-batch', '-'], ''.join(' '.join(line) + '\n' for line in group))


def is_plain(words):
    # An option of the tool itself (`ip -6 rule`) cannot stand in a batch.
    return not words[0].startswith('-') and all(PLAIN_WORD.match(word) for word in words)


def groups(lines):
    """Runs of lines that one batch can hold; a line that needs its own process stands alone."""
    group = []
    for line in lines:
        if is_plain(line):
            group.append(line)
            continue
        if group:
            yield group
            group = []
        yield [line]
    if group:
        yield group


def run(arguments, text=None, where='the lab'):
    """Runs a tool without a shell; its complaint becomes a LabError that names the machine and the line."""
    done = subprocess.run(arguments, input=text, text=True, capture_output=True, close_fds=False, check=False)
    if done.returncode:
        complaint = (done.stderr or done.stdout).strip()
        line = re.search(r'(?:line |:)(\d+)', complaint)
        lines = (text or '').split('\n')
        at = ''
        if line and 0 < int(line.group(1)) <= len(lines):
            at = ' at "%s"' % lines[int(line.group(1)) - 1]
        raise LabError('%s: %s: %s%s' % (where, ' '.join(arguments[:2]), complaint, at))
    return done.stdout
