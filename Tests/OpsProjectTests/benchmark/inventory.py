"""Times `opsctl inventory --list` beside `ansible-inventory --list`: 10,000 hosts in 100 groups, INI and YAML.

usage: inventory.py OPSCTL ANSIBLE_INVENTORY [ROUNDS]

Runs both in turns, compares their JSON, and prints medians as a Markdown table. Exit status 1 if the outputs differ,
if opsctl is less than 30 times as fast, or if it takes 300 MB or more.
"""
import json
import os
import statistics
import sys
import tempfile
import time

HOSTS, GROUPS = 10_000, 100
WANTED_RATIO, WANTED_MEGABYTES = 30, 300


def host(number):
    return f'node{number:05d}.example.com', {
        'ansible_host': f'10.{number // 65536}.{number // 256 % 256}.{number % 256}', 'rack': f'r{number % 40}', 'weight': number % 7}


def members(group):
    size = HOSTS // GROUPS
    return [host(group * size + index) for index in range(size)]


def ini():
    lines = []
    for group in range(GROUPS):
        lines.append(f'[group{group:03d}]')
        lines += [name + ''.join(f' {key}={value}' for key, value in variables.items()) for name, variables in members(group)]
        lines += [f'[group{group:03d}:vars]', f'region=eu-{group % 5}', f'http_port={8000 + group}', '']
    lines.append('[production:children]')
    lines += [f'group{group:03d}' for group in range(GROUPS)]
    return '\n'.join(lines) + '\n'


def yaml():
    lines = ['all:', '  children:', '    production:', '      children:']
    for group in range(GROUPS):
        lines += [f'        group{group:03d}:', '          hosts:']
        for name, variables in members(group):
            lines.append(f'            {name}:')
            lines += [f'              {key}: {value}' for key, value in variables.items()]
        lines += ['          vars:', f'            region: eu-{group % 5}', f'            http_port: {8000 + group}']
    return '\n'.join(lines) + '\n'


def run(command):
    """Seconds, peak megabytes and output of one command."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        child = os.posix_spawn(
            command[0], command, dict(os.environ, ANSIBLE_DEPRECATION_WARNINGS='0'),
            file_actions=[(os.POSIX_SPAWN_DUP2, output.fileno(), 1)])
        _, status, usage = os.wait4(child, 0)
        seconds = time.perf_counter() - start
        if status:
            sys.exit(f'{command} failed')
        output.seek(0)
        unit = 1 << 20 if sys.platform == 'darwin' else 1 << 10
        return seconds, usage.ru_maxrss / unit, output.read()


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    programs = {'ansible-inventory': [os.path.abspath(sys.argv[2])], 'opsctl': [os.path.realpath(sys.argv[1]), 'inventory']}
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    failures = []
    print('| inventory | program | seconds (median) | peak MB | times as fast |\n|---|---|---|---|---|')
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        for name, text in {'hosts.ini': ini(), 'hosts.yml': yaml()}.items():
            with open(name, 'w', encoding='utf-8') as file:
                file.write(text)
            measured = {program: [] for program in programs}
            for _ in range(rounds):
                for program, command in programs.items():
                    measured[program].append(run(command + ['-i', name, '--list']))
            outputs = [json.loads(results[0][2]) for results in measured.values()]
            if outputs[0] != outputs[1]:
                failures.append(f'{name}: the outputs differ')
            medians = {program: statistics.median(result[0] for result in results) for program, results in measured.items()}
            for program, results in measured.items():
                megabytes = max(result[1] for result in results)
                ratio = medians['ansible-inventory'] / medians[program]
                print(f'| {name} | {program} | {medians[program]:.3f} | {megabytes:.0f} | {ratio:.1f} |', flush=True)
                if program == 'opsctl' and (ratio < WANTED_RATIO or megabytes >= WANTED_MEGABYTES):
                    failures.append(f'{name}: {ratio:.1f} times as fast, {megabytes:.0f} MB')
    sys.exit('\n'.join(failures) or None)


main()
