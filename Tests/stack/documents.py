#!/usr/bin/env python3
"""Checks what the documents say that a machine can try: links, shell commands, and words of opsctl.

    documents.py OPSCTL     exit status 0: all well; 1: something is wrong, and said

Relative links lead to a file, and to a heading of it if they name one. Every block marked sh parses. Every command of
opsctl, in such a block or between backquotes, has a subcommand and options that the program's help knows.
"""

import functools
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)


def documents():
    return [path for path in sorted(ROOT.rglob("*.md")) if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)]


def anchors(path):
    """The names by which headings of a page can be linked to."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check_links(path, text):
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))
    for target in re.findall(r"\]\(([^()\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        found = (path.parent / name) if name else path
        if not found.exists():
            yield f"no file {target}"
        elif anchor and found.suffix == ".md" and anchor not in anchors(found):
            yield f"no heading {target}"


def check_shell(text):
    for kind, block in FENCE.findall(text):
        if kind == "sh":
            result = subprocess.run(["sh", "-n"], input=block, capture_output=True, text=True)
            if result.returncode != 0:
                yield f"no shell command: {result.stderr.strip().splitlines()[0]}\n{block.strip().splitlines()[0]}"


def commands(text):
    """What is written of opsctl: lines of shell blocks, and what stands between backquotes."""
    blocks = [block for kind, block in FENCE.findall(text) if kind == "sh"]
    lines = [line for block in blocks for line in re.sub(r"\\\n", " ", block).splitlines()]
    lines += re.findall(r"`(opsctl [^`\n]+)`", FENCE.sub("", text))
    return [line.strip() for line in lines if line.strip().startswith("opsctl ")]


class Program:
    """The program's subcommands and options, as its help shows them."""

    def __init__(self, path):
        self.path = path

    @functools.cache
    def help(self, *words):
        """The help of a subcommand; None if there is none."""
        shown = subprocess.run([self.path, *words, "--help"], capture_output=True, text=True)
        return shown.stdout if shown.returncode == 0 else None

    def subcommands(self, *words):
        sections = re.findall(r"SUBCOMMANDS:\n((?:  .*\n)+)", self.help(*words) or "")
        return {name for section in sections for name in re.findall(r"^  ([a-z][\w-]*)", section, re.M)}

    def options(self, *words):
        listed = re.search(r"OPTIONS:\n(.*)", self.help(*words) or "", re.S)
        return set(re.findall(r"(?<![\w-])(--?[a-zA-Z][\w-]*)", listed[1] if listed else ""))

    def problem(self, line):
        """What is wrong with a command; None if nothing is."""
        try:
            words = shlex.split(line, comments=True)[1:]
        except ValueError as error:
            return str(error)
        words = words[:next((i for i, word in enumerate(words) if word in ("--", "|", "&&", "||", ";", ">", "<")), len(words))]
        path = []
        while words and (known := self.subcommands(*path)):
            if words[0].startswith("-") or not re.fullmatch(r"[a-z][a-z-]*", words[0]):
                break
            if words[0] not in known:
                return f"opsctl {' '.join(path)} has no {words[0]}"
            path.append(words.pop(0))
        unknown = [word for word in words if re.match(r"--?[a-zA-Z]", word) and word.split("=")[0] not in self.options(*path)]
        return f"opsctl {' '.join(path)} has no option {unknown[0]}" if unknown else None


def overlooked(program):
    """Mistakes that these checks do not see any more."""
    for line in ("opsctl depoly ENV", "opsctl secrets veiw FILE", "opsctl exec ENV --limt monitoring -- true", "opsctl logs -Z loki"):
        if not program.problem(line):
            yield f"passes for a command: {line}"
    if not list(check_shell("```sh\nopsctl tunnel alloy ENV (its own page)\n```\n")):
        yield "prose passes for a shell command"
    if len(list(check_links(ROOT / "README.md", "[a](no-such-file.md) [b](#no-such-heading)"))) != 2:
        yield "links to nowhere pass"


def problems(opsctl):
    """(file, what is wrong) of every document."""
    program = Program(opsctl)
    yield from (("Tests/stack/documents.py", item) for item in overlooked(program))
    for path in documents():
        text = path.read_text(encoding="utf-8")
        wrong = [*check_links(path, text), *check_shell(text)]
        wrong += [f"{problem}: {line}" for line in commands(text) if (problem := program.problem(line))]
        yield from ((path.relative_to(ROOT), item) for item in wrong)


def main():
    found = list(problems(sys.argv[1]))
    for path, item in found:
        print(f"{path}: {item}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
