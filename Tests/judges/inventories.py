"""Runs the real ansible-inventory over the cases of a corpus.

usage: inventories.py [--write] CASE.txt...

A case is a text file: lines of `# comment`, `args: ...` (default: -i hosts), then files, each after a line
`== NAME` (an executable one after `== NAME!`). The sections `expected.json` (--list), `expected.yaml` (--list --yaml),
`expected.graph` (--graph) and `expected.export` (--list --export) are what Ansible prints; `expected.error` says that it
fails. With --write they are replaced; without it, those that differ are printed and the exit status is 1.
"""
import io
import os
import re
import shlex
import sys
import tempfile
import warnings

os.environ.update(
    ANSIBLE_DEPRECATION_WARNINGS='0', ANSIBLE_SYSTEM_WARNINGS='0', ANSIBLE_LOCALHOST_WARNING='0',
    ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED='1', ANSIBLE_INVENTORY_UNPARSED_FAILED='1', HOME='/home/judge')
warnings.simplefilter('ignore')

from ansible.cli.inventory import InventoryCLI  # noqa: E402
from ansible.parsing.vault import VaultSecretsContext  # noqa: E402
from ansible.utils.context_objects import GlobalCLIArgs  # noqa: E402
from ansible.utils.display import Display  # noqa: E402

Display.warning = Display.deprecated = Display.error = lambda *args, **kwargs: None

OUTPUTS = {
    'expected.json': ['--list'], 'expected.yaml': ['--list', '--yaml'], 'expected.graph': ['--graph'],
    'expected.export': ['--list', '--export'],
}


def parse(text):
    head, *rest = re.split(r'^== (.+)\n', text, flags=re.M)
    return head, dict(zip(rest[::2], rest[1::2]))


def run(arguments, directory):
    """What one command prints, or None if it fails. In a process of its own: Ansible keeps global state."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        with os.fdopen(reader, encoding='utf-8') as stream:
            output = stream.read()
        return output if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 else None
    status = 1
    try:
        os.close(reader)
        os.chdir(directory)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        stream = io.StringIO()
        Display.display = lambda self, msg, *args, **kwargs: stream.write(str(msg).removesuffix('\n') + '\n')
        try:
            cli = InventoryCLI(['ansible-inventory', *arguments])
            cli.parse()
            cli.run()
        except SystemExit as exit_:
            status = exit_.code or 0
        data = stream.getvalue().replace(directory, 'DIR').encode()
        while data:
            data = data[os.write(writer, data):]
    finally:
        os._exit(status)


def warm_up():
    """Loads all plugins here, so that no process has to do it for itself."""
    Display.display = lambda *args, **kwargs: None
    cli = InventoryCLI(['ansible-inventory', '-i', 'localhost,', '--list', '--yaml'])
    cli.parse()
    try:
        cli.run()
    except SystemExit:
        pass
    # These may be set only once; each command sets its own.
    VaultSecretsContext._current = None
    GlobalCLIArgs._Singleton__instance = None


def judge(head, files):
    """The expected sections of a case."""
    match = re.search(r'^args: (.*)$', head, flags=re.M)
    arguments = shlex.split(match[1]) if match else ['-i', 'hosts']
    with tempfile.TemporaryDirectory() as directory:
        directory = os.path.realpath(directory)
        for name, text in files.items():
            path = os.path.join(directory, name.rstrip('!'))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w', encoding='utf-8', newline='') as file:
                file.write(text)
            if name.endswith('!'):
                os.chmod(path, 0o755)
        first = run(arguments + ['--list'], directory)
        if first is None:
            return {'expected.error': 'ansible-inventory fails\n'}
        return {name: run(arguments + options, directory) or '' for name, options in OUTPUTS.items()}


def main():
    arguments = sys.argv[1:]
    write = arguments[:1] == ['--write']
    stale = 0
    warm_up()
    for path in arguments[1:] if write else arguments:
        with open(path, encoding='utf-8') as file:
            head, sections = parse(file.read())
        files = {name: text for name, text in sections.items() if not name.startswith('expected.')}
        expected = judge(head, files)
        if write:
            with open(path, 'w', encoding='utf-8') as file:
                file.write(head + ''.join(f'== {name}\n{text}' for name, text in {**files, **expected}.items()))
        elif expected != {name: text for name, text in sections.items() if name.startswith('expected.')}:
            print(path)
            stale = 1
    sys.exit(stale)


main()
