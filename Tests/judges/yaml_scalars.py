"""Resolves plain scalars with the real PyYAML.

usage: yaml_scalars.py SCALARS   a file with one JSON string a line

Prints one JSON value a line: ["null"], ["bool", true], ["int", "12"], ["float", "1.5"], ["str", "x"], ["time", "..."] or
["error"].
"""
import datetime
import json
import sys

import yaml


def resolve(text):
    loader = yaml.SafeLoader('')
    tag = loader.resolve(yaml.ScalarNode, text, (True, False))
    try:
        value = loader.construct_object(yaml.ScalarNode(tag, text))
    except Exception:
        return ['error']
    if value is None:
        return ['null']
    if isinstance(value, bool):
        return ['bool', value]
    if isinstance(value, int):
        return ['int', str(value)]
    if isinstance(value, float):
        return ['float', repr(value)]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return ['time', value.isoformat()]
    return ['str', value]


sys.set_int_max_str_digits(0)
with open(sys.argv[1], encoding='utf-8') as file:
    for line in file:
        print(json.dumps(resolve(json.loads(line))))
