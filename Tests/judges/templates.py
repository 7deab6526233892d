"""Renders template cases with the real Jinja2 and Ansible.

usage: templates.py CASES.jsonl...   prints one JSON result a line: {"value": ...} or {"error": "..."}

The first line of a file of cases may be {"defaults": {...}}, which every case of the file starts from. A case has
"template" or "expression", and may have "judge" (ansible, the default, or jinja), "vars", "options" (of the
environment) and "files" (what includes find).
"""
import json
import multiprocessing
import os
import sys
import tempfile

os.environ.update(TZ='UTC', ANSIBLE_DEPRECATION_WARNINGS='0', ANSIBLE_SYSTEM_WARNINGS='0', ANSIBLE_LOCALHOST_WARNING='0',
                  ANSIBLE_JINJA2_EXTENSIONS='jinja2.ext.do,jinja2.ext.loopcontrols', ANSIBLE_ALLOW_EMBEDDED_TEMPLATES='0',
                  HOME='/home/judge')

import jinja2  # noqa: E402
from ansible.parsing.dataloader import DataLoader  # noqa: E402
from ansible.plugins.loader import init_plugin_loader  # noqa: E402
from ansible.template import Templar, trust_as_template  # noqa: E402
from ansible.utils.display import Display  # noqa: E402

init_plugin_loader([])
Display.display = Display.warning = Display.deprecated = lambda *args, **kwargs: None

EXTENSIONS = ['jinja2.ext.do', 'jinja2.ext.loopcontrols']


def with_jinja(case):
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, extensions=EXTENSIONS, loader=jinja2.DictLoader(case.get('files', {})),
        **case.get('options', {}))
    if 'expression' in case:
        return environment.compile_expression(case['expression'], undefined_to_none=False)(**case.get('vars', {}))
    return environment.from_string(case['template']).render(**case.get('vars', {}))


def with_ansible(case):
    if not case.get('files'):
        return with_templar(case, None)
    with tempfile.TemporaryDirectory() as directory:
        for name, text in case['files'].items():
            with open(os.path.join(directory, name), 'w', encoding='utf-8', newline='') as file:
                file.write(text)
        return with_templar(case, directory)


def with_templar(case, directory):
    loader = DataLoader()
    if directory:
        loader.set_basedir(directory)
    templar = Templar(loader, variables=case.get('vars', {}))
    if 'expression' in case:
        return templar.evaluate_expression(trust_as_template(case['expression']), escape_backslashes=False)
    return templar.template(
        trust_as_template(case['template']), escape_backslashes=case.get('escape_backslashes', False),
        overrides=case.get('options', {}))


def plain(value):
    """The value as JSON knows it."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    raise TypeError(f'{type(value)} is no value')


def judge(case):
    try:
        value = (with_jinja if case.get('judge') == 'jinja' else with_ansible)(case)
        return {'value': plain(value)}
    except BaseException as error:  # RecursionError and MemoryError are verdicts too
        while error.__cause__ is not None:
            error = error.__cause__
        return {'error': f'{type(error).__name__}: {error}'.splitlines()[0][:160]}


def cases(paths):
    for path in paths:
        defaults = {}
        with open(path, encoding='utf-8') as lines:
            for line in filter(str.strip, lines):
                case = json.loads(line)
                if 'defaults' in case:
                    defaults = case['defaults']
                else:
                    yield defaults | case


def main():
    # Processes forked once everything is imported; what they give stays in the order of the cases. They end by
    # themselves: one that is told to with a signal may be holding a lock just then, and would wait for ever.
    judges = multiprocessing.get_context('fork').Pool()
    for verdict in judges.imap(judge, cases(sys.argv[1:]), chunksize=16):
        print(json.dumps(verdict, ensure_ascii=False), flush=True)
    judges.close()
    judges.join()


main()
