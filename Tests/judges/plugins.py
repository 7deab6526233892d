"""Lists the filters, tests, lookups and globals of the real Jinja2 and of ansible.builtin.

usage: plugins.py [--write]

Prints them as JSON, one kind a line, or writes them to OpsProjectTests/plugins.json.
"""
import json
import os
import pkgutil
import sys

os.environ.update(ANSIBLE_DEPRECATION_WARNINGS='0', HOME='/home/judge')

import ansible.plugins.lookup  # noqa: E402
import jinja2.defaults  # noqa: E402
from ansible.plugins.loader import filter_loader, init_plugin_loader, test_loader  # noqa: E402

init_plugin_loader([])


def names(loader):
    return {plugin.ansible_name.split('.')[-1] for plugin in loader.all()}


FOUND = {
    'filters': set(jinja2.defaults.DEFAULT_FILTERS) | names(filter_loader),
    'tests': set(jinja2.defaults.DEFAULT_TESTS) | names(test_loader),
    'lookups': {module.name for module in pkgutil.iter_modules(ansible.plugins.lookup.__path__)},
    # Those that Ansible adds have no list of their own.
    'globals': set(jinja2.defaults.DEFAULT_NAMESPACE) | {'lookup', 'query', 'q', 'now', 'undef'},
}
text = '{\n' + ',\n'.join(f'  "{kind}": {json.dumps(sorted(found))}' for kind, found in FOUND.items()) + '\n}\n'
if sys.argv[1:] == ['--write']:
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../OpsProjectTests/plugins.json'), 'w', encoding='utf-8') as file:
        file.write(text)
else:
    print(text, end='')
