"""Runs the real ansible-inventory over the cases of a corpus.

usage: inventories.py [--write] CASE.txt...

Cases are as cases.py has them; without `args:` it is -i hosts. The sections `expected.json` (--list), `expected.yaml`
(--list --yaml), `expected.graph` (--graph) and `expected.export` (--list --export) are what Ansible prints;
`expected.error` says that it fails.
"""
import io
import os
import warnings

import cases

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


def judge(arguments, directory):
    """The expected sections of a case."""
    arguments = arguments or ['-i', 'hosts']
    if run(arguments + ['--list'], directory) is None:
        return {'expected.error': 'ansible-inventory fails\n'}
    return {name: run(arguments + options, directory) or '' for name, options in OUTPUTS.items()}


warm_up()
cases.main(judge)
