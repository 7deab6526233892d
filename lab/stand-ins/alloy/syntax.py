"""Alloy's configuration language: files to blocks and attributes, expressions to values."""

import json
import os
import re
import socket

TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|//[^\n]*|/\*.*?\*/)|(?P<newline>\n)|(?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
    |(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<op>==|!=|<=|>=|&&|\|\||[={}\[\](),.+\-*/!<>])""",
    re.X | re.S,
)


class AlloyError(Exception):
    """A problem with its place, as Alloy prints it."""

    def __init__(self, place, message):
        super().__init__(f"{place}: {message}" if place else message)


class Token:
    def __init__(self, kind, text, place):
        self.kind, self.text, self.place = kind, text, place


class Block:
    """name "label" { ... }: attributes {name: expression} and inner blocks, in order."""

    def __init__(self, name, label, place):
        self.name, self.label, self.place = name, label, place
        self.attributes, self.blocks, self.places = {}, [], {}

    @property
    def id(self):
        return f"{self.name}.{self.label}" if self.label else self.name

    def all(self, name):
        return [block for block in self.blocks if block.name == name]


def tokens(text, file):
    found, at, line, start = [], 0, 1, 0
    while at < len(text):
        match = TOKEN.match(text, at)
        place = f"{file}:{line}:{at - start + 1}"
        if not match:
            raise AlloyError(place, f"illegal character {text[at]!r}")
        if match.lastgroup not in ("space",):
            found.append(Token(match.lastgroup, match[0], place))
        if newlines := match[0].count("\n"):
            line += newlines
            start = at + match[0].rindex("\n") + 1
        at = match.end()
    found.append(Token("end", "end of file", f"{file}:{line}:{at - start + 1}"))
    return found


class Parser:
    def __init__(self, text, file):
        self.tokens, self.at = tokens(text, file), 0

    @property
    def now(self):
        return self.tokens[self.at]

    def take(self, text):
        if self.now.text == text and self.now.kind != "string":
            self.at += 1
            return True
        return False

    def expect(self, text):
        if not self.take(text):
            raise AlloyError(self.now.place, f"expected {text}, got {self.now.text.strip() or 'newline'}")

    def newlines(self):
        while self.now.kind == "newline":
            self.at += 1

    def body(self, block, closing):
        """Statements until the closing token, into block."""
        self.newlines()
        while not (self.now.text == closing and self.now.kind != "string"):
            self.statement(block)
            self.newlines()
        return block

    def statement(self, block):
        first = self.now
        if first.kind != "name":
            raise AlloyError(first.place, f"expected block label or attribute name, got {first.text.strip()}")
        name = self.dotted()
        if self.take("="):
            if name in block.attributes:
                raise AlloyError(first.place, f'attribute "{name}" may only be provided once')
            block.attributes[name] = self.expression()
            block.places[name] = first.place
        else:
            label = None
            if self.now.kind == "string":
                label = self.now.text[1:-1]
                self.at += 1
            self.expect("{")
            block.blocks.append(self.body(Block(name, label, first.place), "}"))
            self.expect("}")
        if self.now.kind not in ("newline", "end") and self.now.text != "}":
            raise AlloyError(self.now.place, f"expected newline, got {self.now.text.strip()}")

    def dotted(self):
        parts = [self.now.text]
        self.at += 1
        while self.take("."):
            parts.append(self.now.text)
            self.at += 1
        return ".".join(parts)

    # Expressions become functions of a scope, which resolves references.

    def expression(self):
        left = self.operand()
        while self.now.kind == "op" and self.now.text in ("+", "-", "*", "/", "==", "!=", "&&", "||"):
            operator = self.now.text
            self.at += 1
            self.newlines()
            left = _binary(operator, left, self.operand())
        return left

    def operand(self):
        token = self.now
        self.at += 1
        if token.kind == "string":
            value = token.text[1:-1] if token.text[0] == "`" else _unescape(token.text[1:-1])
            return lambda scope: value
        if token.kind == "number":
            number = float(token.text) if "." in token.text else int(token.text)
            return lambda scope: number
        if token.text == "[":
            items = self.items("]", self.expression)
            return lambda scope: [item(scope) for item in items]
        if token.text == "{":
            pairs = self.items("}", self.pair)
            return lambda scope: {key: value(scope) for key, value in pairs}
        if token.text == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        if token.text == "-":
            inner = self.operand()
            return lambda scope: -inner(scope)
        if token.text == "!":
            inner = self.operand()
            return lambda scope: not inner(scope)
        if token.kind == "name":
            self.at -= 1
            return self.reference(token)
        raise AlloyError(token.place, f"expected expression, got {token.text.strip() or 'newline'}")

    def items(self, closing, parse):
        found = []
        self.newlines()
        while not self.take(closing):
            found.append(parse())
            self.newlines()
            if not self.take(","):
                self.newlines()
                self.expect(closing)
                break
            self.newlines()
        return found

    def pair(self):
        token = self.now
        if token.kind not in ("name", "string"):
            raise AlloyError(token.place, f"expected object field name, got {token.text.strip()}")
        self.at += 1
        self.expect("=")
        return (token.text if token.kind == "name" else token.text[1:-1]), self.expression()

    def reference(self, token):
        name = self.dotted()
        if name in ("true", "false"):
            return lambda scope: name == "true"
        if name == "null":
            return lambda scope: None
        if self.take("("):
            arguments = self.items(")", self.expression)
            if name not in FUNCTIONS:
                raise AlloyError(token.place, f'identifier "{name}" does not exist')
            return lambda scope: FUNCTIONS[name](*[argument(scope) for argument in arguments])
        value = lambda scope: scope.resolve(name, token.place)
        while self.take("["):
            key = self.expression()
            self.expect("]")
            value = (lambda inner, key: lambda scope: inner(scope)[key(scope)])(value, key)
        return value


def _binary(operator, left, right):
    return {
        "+": lambda s: left(s) + right(s), "-": lambda s: left(s) - right(s), "*": lambda s: left(s) * right(s), "/": lambda s: left(s) / right(s),
        "==": lambda s: left(s) == right(s), "!=": lambda s: left(s) != right(s), "&&": lambda s: left(s) and right(s), "||": lambda s: left(s) or right(s),
    }[operator]


def _unescape(text):
    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1]) or (chr(int(m[1][1:], 16)) if len(m[1]) == 5 else m[1]), text)


FUNCTIONS = {
    "sys.env": lambda name: os.environ.get(name, ""),
    "env": lambda name: os.environ.get(name, ""),
    "coalesce": lambda *values: next((v for v in values if v), values[-1] if values else None),
    "array.concat": lambda *lists: [item for items in lists for item in items],
    "concat": lambda *lists: [item for items in lists for item in items],
    "string.join": lambda items, separator: separator.join(items),
    "string.format": lambda text, *values: text % values,
    "string.replace": lambda text, old, new: text.replace(old, new),
    "string.to_lower": str.lower,
    "string.to_upper": str.upper,
    "string.trim_space": str.strip,
    "convert.nonsensitive": lambda value: value,
    "encoding.from_json": json.loads,
}
CONSTANTS = {"constants.hostname": socket.gethostname(), "constants.os": "linux", "constants.arch": "amd64"}


def parse_file(path):
    """One file as a Block without a name; AlloyError names the place of the first problem."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        raise AlloyError("", f"{path}: {error.strerror.lower()}") from None
    parser = Parser(text, path)
    block = parser.body(Block("", None, str(path)), "end of file")
    return block
