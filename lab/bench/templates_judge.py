#!/usr/bin/env python3
"""templates_judge.py TEMPLATE VARIABLES OUTPUT: what TemplateBench does, by Jinja2 under Python."""

import json
import shlex
import sys
import time

import jinja2

template, variables, output = sys.argv[1:]
environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
environment.filters["to_json"] = json.dumps
environment.filters["quote"] = shlex.quote
compiled = environment.from_string(open(template).read())
shared = json.load(open(variables))

rendered = []
began = time.process_time()
for number in range(1000):
    shared["inventory_hostname"] = f"host{number}"
    rendered.append(compiled.render(shared))
elapsed = time.process_time() - began
open(output, "w").write("".join(rendered))
print(elapsed * 1e3)
