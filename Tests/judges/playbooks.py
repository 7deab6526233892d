"""Runs the real ansible-playbook over the cases of a corpus.

usage: playbooks.py [--write] CASE.txt...

A case is a text file: lines of `# comment`, `args: ...` (default: -i hosts site.yml), then files, each after a line
`== NAME` (an executable one after `== NAME!`). The section `expected.results` is what its `debug` tasks showed and
which tasks failed: lines `HOST | TASK | TEXT`, host by host, in which DIR is the case's directory; a value that is
no text stands there as JSON. With --write it is replaced; without, what differs is printed and the exit status is 1.
"""
import json
import os
import re
import shlex
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
os.environ.update(
    ANSIBLE_DEPRECATION_WARNINGS='0', ANSIBLE_SYSTEM_WARNINGS='0', ANSIBLE_LOCALHOST_WARNING='0', ANSIBLE_NOCOLOR='1',
    ANSIBLE_CALLBACK_PLUGINS=HERE + '/callbacks', ANSIBLE_STDOUT_CALLBACK='results', ANSIBLE_RETRY_FILES_ENABLED='0',
    ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED='1', ANSIBLE_GATHERING='explicit', TZ='UTC',
    JUDGE_VARIABLE='from the environment', ANSIBLE_PYTHON_INTERPRETER=sys.executable)

from ansible.cli.playbook import PlaybookCLI  # noqa: E402
import ansible.executor.playbook_executor  # noqa: E402, F401
import ansible.plugins.strategy.linear  # noqa: E402, F401


def parse(text):
    head, *rest = re.split(r'^== (.+)\n', text, flags=re.M)
    return head, dict(zip(rest[::2], rest[1::2]))


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


def judge(head, files):
    match = re.search(r'^args: (.*)$', head, flags=re.M)
    arguments = shlex.split(match[1]) if match else ['-i', 'hosts', 'site.yml']
    with tempfile.TemporaryDirectory() as directory:
        directory = os.path.realpath(directory)
        for name, content in files.items():
            path = os.path.join(directory, name.rstrip('!'))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w', encoding='utf-8', newline='') as file:
                file.write(content)
            os.chmod(path, 0o755 if name.endswith('!') else 0o644)
        results = run(arguments, directory)
    # Hosts may go through a play in any order among each other.
    lines = [f'{host} | {task} | {text(shown)}\n' for host, task, shown in sorted(results, key=lambda result: result[0])]
    return {'expected.results': ''.join(lines)}


def main():
    arguments = sys.argv[1:]
    write = arguments[:1] == ['--write']
    stale = 0
    for path in arguments[1:] if write else arguments:
        with open(path, encoding='utf-8') as file:
            head, sections = parse(file.read())
        files = {name: content for name, content in sections.items() if not name.startswith('expected.')}
        expected = judge(head, files)
        if write:
            with open(path, 'w', encoding='utf-8') as file:
                file.write(head + ''.join(f'== {name}\n{content}' for name, content in {**files, **expected}.items()))
        elif expected != {name: content for name, content in sections.items() if name.startswith('expected.')}:
            print(path)
            stale = 1
    sys.exit(stale)


main()
