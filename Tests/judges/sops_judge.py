#!/usr/bin/env python3
"""An independent reader and writer of SOPS files with age recipients, to judge opsctl's.

Shares no code with opsctl: AES-GCM and X25519 come from `cryptography`, YAML from PyYAML, age from here.
Its rules are those of getsops/sops (sops.go, aes/cipher.go, stores/).

  sops_judge.py decrypt FORMAT KEYFILE < encrypted > values.json   fails on a wrong MAC or value
  sops_judge.py encrypt FORMAT RECIPIENT [rule=value]... < plain > encrypted
  FORMAT is yaml, json, dotenv or ini.
"""
import base64, datetime, hashlib, hmac, json, math, os, re, sys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
import yaml

RULES = ["unencrypted_suffix", "encrypted_suffix", "unencrypted_regex", "encrypted_regex",
         "unencrypted_comment_regex", "encrypted_comment_regex"]
SHAPE = re.compile(r"^ENC\[AES256_GCM,data:(.+),iv:(.+),tag:(.+),type:(.+)\]$")


# ---- age, only what a data key needs: X25519 and one chunk ----
CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bech32_bytes(text):
    digits = [CHARSET.index(c) for c in text.lower()[text.rindex("1") + 1:-6]]
    number = 0
    for digit in digits:
        number = number << 5 | digit
    extra = len(digits) * 5 % 8
    return (number >> extra).to_bytes(len(digits) * 5 // 8, "big")


def hkdf(key, salt, info):
    return HKDF(hashes.SHA256(), 32, salt, info).derive(key)


def raw(public):
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def b64(data):
    return base64.b64encode(data).decode().rstrip("=")


def unb64(text):
    return base64.b64decode(text + "=" * (-len(text) % 4))


X_LABEL = b"age-encryption.org/v1/X25519"


def age_encrypt(plain, recipient):
    public = bech32_bytes(recipient)
    file_key, secret = os.urandom(16), X25519PrivateKey.generate()
    share = raw(secret.public_key())
    wrap = hkdf(secret.exchange(X25519PublicKey.from_public_bytes(public)), share + public, X_LABEL)
    body = b64(ChaCha20Poly1305(wrap).encrypt(bytes(12), file_key, None))
    head = f"age-encryption.org/v1\n-> X25519 {b64(share)}\n{body}\n---".encode()
    mac = hmac.digest(hkdf(file_key, None, b"header"), head, "sha256")
    nonce = os.urandom(16)
    payload = ChaCha20Poly1305(hkdf(file_key, nonce, b"payload")).encrypt(bytes(11) + b"\1", plain, None)
    text = base64.b64encode(head + b" " + b64(mac).encode() + b"\n" + nonce + payload).decode()
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN AGE ENCRYPTED FILE-----", *lines, "-----END AGE ENCRYPTED FILE-----", ""])


def age_decrypt(armored, identity):
    inside = armored.strip().split("\n")[1:-1]
    data = base64.b64decode("".join(inside))
    end = data.index(b"\n---") + 4
    head, mac_line = data[:end], data[end:data.index(b"\n", end)]
    payload = data[data.index(b"\n", end) + 1:]
    secret = X25519PrivateKey.from_private_bytes(bech32_bytes(identity))
    lines = head.decode().split("\n")
    for number, line in enumerate(lines):
        if not line.startswith("-> X25519 "):
            continue
        share = unb64(line.split()[2])
        wrap = hkdf(secret.exchange(X25519PublicKey.from_public_bytes(share)), share + raw(secret.public_key()), X_LABEL)
        try:
            file_key = ChaCha20Poly1305(wrap).decrypt(bytes(12), unb64(lines[number + 1]), None)
        except Exception:
            continue
        assert hmac.compare_digest(hmac.digest(hkdf(file_key, None, b"header"), head, "sha256"), unb64(mac_line.decode().strip()))
        key = hkdf(file_key, payload[:16], b"payload")
        return ChaCha20Poly1305(key).decrypt(bytes(11) + b"\1", payload[16:], None)
    raise ValueError("no matching recipient")


# ---- values ----
def canonical(value):
    if isinstance(value, bool):
        return "bool", b"True" if value else b"False"
    if isinstance(value, int):
        return "int", str(value).encode()
    if isinstance(value, float):
        if math.isinf(value) or math.isnan(value):
            return "float", {"inf": b"+Inf", "-inf": b"-Inf", "nan": b"NaN"}[repr(value)]
        text = format(__import__("decimal").Decimal(repr(value)), "f")
        return "float", (text.rstrip("0").rstrip(".") if "." in text else text).encode()
    if isinstance(value, (datetime.datetime, datetime.date)):
        if not isinstance(value, datetime.datetime):
            value = datetime.datetime(value.year, value.month, value.day)
        return "time", (value.strftime("%Y-%m-%dT%H:%M:%S") + "Z").encode()
    return "str", value.encode()


def encrypt_value(value, key, aad):
    kind, plain = canonical(value)
    if not plain:
        return ""
    iv = os.urandom(32)
    sealed = AESGCM(key).encrypt(iv, plain, aad.encode())
    parts = [base64.b64encode(p).decode() for p in (sealed[:-16], iv, sealed[-16:])]
    return "ENC[AES256_GCM,data:%s,iv:%s,tag:%s,type:%s]" % (*parts, kind)


def decrypt_value(text, key, aad):
    if text == "":
        return ""
    data, iv, tag, kind = SHAPE.match(text).groups()
    plain = AESGCM(key).decrypt(base64.b64decode(iv), base64.b64decode(data) + base64.b64decode(tag), aad.encode()).decode()
    return {"str": str, "comment": str, "time": str, "int": int, "float": float,
            "bool": lambda t: {"True": True, "False": False}[t]}[kind](plain)


def is_encrypted(path, notes, metadata):
    rule = next((r for r in RULES if metadata.get(r)), "unencrypted_suffix")
    text = metadata.get(rule) or "_unencrypted"
    test = (lambda k: k.endswith(text)) if rule.endswith("suffix") else (lambda k: re.search(text, k))
    return any(map(test, notes if "comment" in rule else path)) == rule.startswith("encrypted")


class Noted(dict):
    """A mapping that knows the comments of its keys."""
    notes = {}


def walk(value, path, leaf, notes=()):
    if isinstance(value, dict):
        own = getattr(value, "notes", {})
        return {k: walk(v, path + [k], leaf, (*notes, *own.get(k, ()))) for k, v in value.items()}
    if isinstance(value, list):
        return [walk(v, path, leaf, notes) for v in value]
    return None if value is None else leaf(value, path, notes)


def new_hash(metadata):
    digest = hashlib.sha512()
    if metadata.get("mac_only_encrypted") in (True, "true"):
        digest.update(hashlib.sha256(b"sops").digest())
    return digest


def process(tree, metadata, decrypting, key):
    digest = new_hash(metadata)
    only = metadata.get("mac_only_encrypted") in (True, "true")

    def leaf(value, path, notes):
        encrypted = is_encrypted(path, notes, metadata)
        aad = ":".join(path) + ":"
        plain = decrypt_value(value, key, aad) if decrypting and encrypted else value
        if encrypted or not only:
            text = plain.encode() if isinstance(plain, str) else canonical(plain)[1]
            digest.update(text)
        return plain if decrypting else encrypt_value(value, key, aad) if encrypted else value

    return walk(tree, [], leaf), digest.hexdigest().upper()


# ---- formats ----
class Loader(yaml.SafeLoader):
    pass


# As go-yaml: only true and false are flags.
Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


def comments(text):
    """Text, line, column of every comment; whether it stands alone."""
    lines, inside = text.split("\n"), set()
    for token in yaml.scan(text):
        if isinstance(token, yaml.ScalarToken):
            inside.update(range(token.start_mark.index, token.end_mark.index))
    start = 0
    for number, line in enumerate(lines):
        for match in re.finditer(r"(?:^|(?<=\s))#(.*)", line):
            if start + match.start() not in inside:
                yield match[1], number, match.start(), not line[:match.start()].strip()
        start += len(line) + 1


def noted_yaml(text):
    """The tree with keys as they are written, and for each key the comments right above it or behind its value."""
    notes = list(comments(text))

    def build(node):
        if isinstance(node, yaml.SequenceNode):
            return [build(n) for n in node.value]
        if not isinstance(node, yaml.MappingNode):
            return Loader(text).construct_object(node, deep=True)
        tree = Noted()
        tree.notes = {}
        for key, value in node.value:
            line, column = key.start_mark.line, key.start_mark.column
            above, at = [], line - 1
            while found := [n for n in notes if n[1] == at and n[3] and n[2] == column]:
                above, at = [found[0][0], *above], at - 1
            is_inline = isinstance(value, yaml.ScalarNode) and value.style not in ("|", ">")
            last = value.end_mark.line if is_inline else line
            tree.notes[key.value] = above + [n[0] for n in notes if n[1] == last and not n[3] and n[2] > column]
            tree[key.value] = build(value)
        return tree
    return build(yaml.compose(text, Loader))


def unflatten(flat):
    root = {}
    for name, value in flat.items():
        tokens = re.split(r"(__map_|__list_)", name)
        steps = [tokens[0]] + [int(t) if s == "__list_" else t for s, t in zip(tokens[1::2], tokens[2::2])]
        node = root
        for step, following in zip(steps, steps[1:] + [None]):
            node = node.setdefault(step, {}) if following is not None else node.__setitem__(step, value)

    def lists(node):
        if not isinstance(node, dict):
            return node
        node = {k: lists(v) for k, v in node.items()}
        return [node[i] for i in sorted(node)] if node and all(isinstance(k, int) for k in node) else node
    return lists(root)


def flatten(value, prefix, out):
    if isinstance(value, dict):
        for k in sorted(value):
            flatten(value[k], f"{prefix}__map_{k}" if prefix else k, out)
    elif isinstance(value, list):
        for i, v in enumerate(value):
            flatten(v, f"{prefix}__list_{i}", out)
    else:
        out[prefix] = value
    return out


def load(form, text):
    if form == "yaml":
        return noted_yaml(text)
    if form == "json":
        return json.loads(text)
    tree, section = {}, None
    if form == "ini" and re.match(r"\s*[^\s\[#;]", text):
        section = tree.setdefault("DEFAULT", {})
    for line in text.split("\n"):
        if not line.strip() or line[0] in "#;":
            continue
        if form == "ini" and line.startswith("["):
            section = tree.setdefault(line.strip()[1:-1], {})
            continue
        name, value = line.split("=", 1)
        if form == "ini":
            value = value.strip().strip("`") if value.strip()[:1] == "`" else value.strip()
            section[name.strip()] = value
        else:
            tree[name] = value.replace("\\n", "\n")
    if form == "ini":
        if "sops" in tree:
            tree["sops"] = unflatten({k: v.replace("\\n", "\n") for k, v in tree["sops"].items()})
    else:
        meta = {k[5:]: tree.pop(k) for k in list(tree) if k.startswith("sops_")}
        if meta:
            tree["sops"] = unflatten(meta)
    return tree


def dump(form, tree):
    if form == "yaml":
        return yaml.safe_dump(tree, sort_keys=False, width=10**9, allow_unicode=True)
    if form == "json":
        return json.dumps(tree, indent="\t", ensure_ascii=False)
    one = lambda v: str(v).replace("\n", "\\n")
    tree = dict(tree)
    meta = flatten(tree.pop("sops"), "", {})
    if form == "dotenv":
        return "".join(f"{k}={one(v)}\n" for k, v in tree.items()) + "".join(f"sops_{k}={one(v)}\n" for k, v in meta.items())
    tree["sops"] = meta
    return "\n".join(f"[{s}]\n" + "".join(f"{k} = {one(v)}\n" for k, v in e.items()) for s, e in tree.items())


def main():
    command, form, who, *options = sys.argv[1:]
    tree = load(form, sys.stdin.read())
    if command == "decrypt":
        metadata = tree.pop("sops")
        identities = [l.strip() for l in open(who) if l.startswith("AGE-SECRET-KEY-1")]
        key = None
        for entry in metadata["age"]:
            for identity in identities:
                try:
                    key = key or age_decrypt(entry["enc"], identity)
                except ValueError:
                    pass
        values, mac = process(tree, metadata, True, key)
        assert decrypt_value(metadata["mac"], key, metadata["lastmodified"]) == mac, "MAC mismatch"
        json.dump(values, sys.stdout, ensure_ascii=False, allow_nan=True)
    else:
        key = os.urandom(32)
        metadata = dict(o.split("=", 1) for o in options) or {"unencrypted_suffix": "_unencrypted"}
        if "mac_only_encrypted" in metadata:
            metadata["mac_only_encrypted"] = True
        values, mac = process(tree, metadata, False, key)
        stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        metadata |= {"age": [{"recipient": r, "enc": age_encrypt(key, r)} for r in who.split(",")],
                     "lastmodified": stamp, "mac": encrypt_value(mac, key, stamp), "version": "3.9.4"}
        values["sops"] = metadata
        sys.stdout.write(dump(form, values))


if __name__ == "__main__":
    main()
