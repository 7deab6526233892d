"""Cases of a corpus that a judge runs: projects in text files, with what the judge's program makes of them.

A case is a text file: lines of `# comment`, `args: ...`, then files, each after a line `== NAME` (an executable one
after `== NAME!`). Sections named `expected.*` are the judge's. With --write they are replaced; without it, the paths of
cases whose sections differ are printed and the exit status is 1.
"""
import contextlib
import os
import re
import shlex
import sys
import tempfile


def main(judge):
    """Goes through the case files that the command line names. `judge(arguments, directory)` runs one: what `args:`
    says (None without it), in the directory that has its files. It gives the expected sections."""
    paths = sys.argv[1:]
    write = paths[:1] == ['--write']
    stale = False
    for path in paths[1:] if write else paths:
        with open(path, encoding='utf-8', newline='') as file:
            head, *rest = re.split(r'^== (.+)\n', file.read(), flags=re.M)
        sections = dict(zip(rest[::2], rest[1::2]))
        files = {name: text for name, text in sections.items() if not name.startswith('expected.')}
        with project(files) as directory:
            expected = judge(arguments(head), directory)
        if write:
            with open(path, 'w', encoding='utf-8', newline='') as file:
                file.write(head + ''.join(f'== {name}\n{text}' for name, text in {**files, **expected}.items()))
        elif expected != {name: text for name, text in sections.items() if name.startswith('expected.')}:
            print(path)
            stale = True
    sys.exit(stale)


def arguments(head):
    match = re.search(r'^args: (.*)$', head, flags=re.M)
    return shlex.split(match[1]) if match else None


@contextlib.contextmanager
def project(files):
    """A directory with these files, for as long as it is used."""
    with tempfile.TemporaryDirectory() as directory:
        directory = os.path.realpath(directory)
        for name, text in files.items():
            path = os.path.join(directory, name.rstrip('!'))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w', encoding='utf-8', newline='') as file:
                file.write(text)
            os.chmod(path, 0o755 if name.endswith('!') else 0o644)
        yield directory
