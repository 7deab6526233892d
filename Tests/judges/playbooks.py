"""Runs the real ansible-playbook over the cases of a corpus.

usage: playbooks.py [--write] CASE.txt...

Cases are as cases.py has them; without `args:` it is -i hosts site.yml. The section `expected.results` is what the
`debug` tasks showed and which tasks failed: lines `HOST | TASK | TEXT`, host by host, in which DIR is the case's
directory; a value that is no text stands there as JSON.
"""
import json
import os
import sys
import tempfile

import cases

HERE = os.path.dirname(os.path.abspath(__file__))
os.environ.update(
    ANSIBLE_DEPRECATION_WARNINGS='0', ANSIBLE_SYSTEM_WARNINGS='0', ANSIBLE_LOCALHOST_WARNING='0', ANSIBLE_NOCOLOR='1',
    ANSIBLE_CALLBACK_PLUGINS=HERE + '/callbacks', ANSIBLE_STDOUT_CALLBACK='results', ANSIBLE_RETRY_FILES_ENABLED='0',
    ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED='1', ANSIBLE_GATHERING='explicit', TZ='UTC',
    JUDGE_VARIABLE='from the environment', ANSIBLE_PYTHON_INTERPRETER=sys.executable)

from ansible.cli.playbook import PlaybookCLI  # noqa: E402
import ansible.executor.playbook_executor  # noqa: E402, F401
import ansible.plugins.strategy.linear  # noqa: E402, F401


def run(arguments, directory):
    """The lines that one run prints. In a process of its own: Ansible keeps global state."""
    with tempfile.TemporaryFile('w+', encoding='utf-8') as output:
        child = os.fork()
        if child == 0:
            try:
                os.chdir(directory)
                os.environ['HOME'] = directory + '/home'
                os.dup2(output.fileno(), 1)
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                cli = PlaybookCLI(['ansible-playbook', *arguments])
                cli.parse()
                cli.run()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        output.seek(0)
        return [json.loads(line) for line in output.read().replace(directory, 'DIR').splitlines() if line.startswith('["')]


def text(value):
    """A JSON text in one way of writing it; any other text as it is."""
    try:
        parsed = json.loads(value)
    except ValueError:
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(parsed, ensure_ascii=False, sort_keys=True)


def judge(arguments, directory):
    """The expected section of a case."""
    results = run(arguments or ['-i', 'hosts', 'site.yml'], directory)
    # Hosts may go through a play in any order among each other.
    lines = [f'{host} | {task} | {text(shown)}\n' for host, task, shown in sorted(results, key=lambda result: result[0])]
    return {'expected.results': ''.join(lines)}


cases.main(judge)
