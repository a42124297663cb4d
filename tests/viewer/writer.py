"""A second writer of the format (docs/format.md, docs/bundle.md), from its text alone, for tests.

With invented content and test keys (32 bytes of the value 1, 2, …). It can sign what the program would refuse to sign.
"""
import base64
import functools
import hashlib
import json
import os
import struct

# ---- Ed25519 (RFC 8032, section 6), signing only; slow and clear -------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    i, j, k, l = f - e, h - g, h + g, f + e
    return (i * j % P, k * l % P, j * k % P, i * l % P)


def times(n, point):
    result = (0, 1, 1, 0)
    while n:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


def encode(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BY = 4 * pow(5, P - 2, P) % P
BX = 15112221349535400772501151409588531511454012693041857206046113283949847762202
BASE = (BX, BY, 1, BX * BY % P)


def number(data):
    return int.from_bytes(hashlib.sha512(data).digest(), "little")


@functools.lru_cache(None)
def expand(seed):
    h = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(h[:32], "little") & ((1 << 254) - 8) | 1 << 254
    return scalar, h[32:], encode(times(scalar, BASE))


@functools.lru_cache(None)
def sign(seed, message):
    scalar, prefix, public = expand(seed)
    r = number(prefix + message) % L
    R = encode(times(r, BASE))
    s = (r + number(R + public + message) % L * scalar) % L
    return R + s.to_bytes(32, "little")


# ---- The pieces of the format -----------------------------------------------------------------------------------


def b64(data):
    return base64.b64encode(data).decode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def string(data):
    return struct.pack(">I", len(data)) + data


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Key:
    """A key by its seed: 32 bytes of one value."""

    def __init__(self, value, public=None):
        self.seed = bytes([value]) * 32
        self.public = public or expand(self.seed)[2]
        self.blob = string(b"ssh-ed25519") + string(self.public)
        self.id = "SHA256:" + b64(hashlib.sha256(self.blob).digest()).rstrip("=")
        self.line = "ssh-ed25519 " + b64(self.blob)

    def pem(self):
        der = bytes.fromhex("302a300506032b6570032100") + self.public
        return f"-----BEGIN PUBLIC KEY-----\n{b64(der)}\n-----END PUBLIC KEY-----\n".encode()

    def sshsig(self, namespace, message):
        data = b"SSHSIG" + string(namespace) + string(b"") + string(b"sha512")
        return sign(self.seed, data + string(hashlib.sha512(message).digest()))

    def signature_blob(self, signature):
        return string(b"ssh-ed25519") + string(signature)

    def armor(self, namespace, signature):
        blob = b"SSHSIG" + struct.pack(">I", 1) + string(self.blob) + string(namespace) + string(b"")
        blob += string(b"sha512") + string(self.signature_blob(signature))
        text = b64(blob)
        lines = "".join(text[i : i + 70] + "\n" for i in range(0, len(text), 70))
        return f"-----BEGIN SSH SIGNATURE-----\n{lines}-----END SSH SIGNATURE-----\n".encode()

    def vkey(self, name):
        head = hashlib.sha256(name.encode() + b"\n\x01" + self.public).hexdigest()[:8]
        return f"{name}+{head}+{b64(bytes([1]) + self.public)}"


class Fido(Key):
    """A key in a FIDO authenticator (PROTOCOL.u2f of OpenSSH), and the flags and the counter that it signs with."""

    KIND = b"sk-ssh-ed25519@openssh.com"

    def __init__(self, value, flags=1, application=b"ssh:"):
        super().__init__(value)
        self.flags, self.application = flags, application
        self.blob = string(self.KIND) + string(self.public) + string(application)
        self.id = "SHA256:" + b64(hashlib.sha256(self.blob).digest()).rstrip("=")
        self.line = self.KIND.decode() + " " + b64(self.blob)

    def sshsig(self, namespace, message):
        data = b"SSHSIG" + string(namespace) + string(b"") + string(b"sha512") + string(hashlib.sha512(message).digest())
        tail = bytes([self.flags]) + struct.pack(">I", 7)
        return sign(self.seed, hashlib.sha256(self.application).digest() + tail + hashlib.sha256(data).digest()) + tail

    def signature_blob(self, signature):
        return string(self.KIND) + string(signature[:64]) + signature[64:]


# The base64 of the log's key holds a plus sign, which divides the parts of a verifier key, too.
ADMIN, LOG, ARCHIVIST, INVESTIGATOR, STRANGER, LAWYER = (Key(value) for value in (1, 8, 3, 4, 5, 6))
ORIGIN = "ngo.example/dprk"
ENTRY, BUNDLE = b"vouchsafe-entry@1", b"vouchsafe-bundle@1"


def vkey_pq(name=ORIGIN, fill=0):
    """A verifier key of ML-DSA-44, and the line of a checkpoint that claims to be by it: nobody here verifies that."""
    key = bytes([6]) + bytes((fill + n) % 256 for n in range(164)) * 8
    head = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    return f"{name}+{head.hex()}+{b64(key)}", f"— {name} {b64(head + bytes(2420))}\n"


def leaf(line):
    return hashlib.sha256(b"\0" + line).digest()


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


def path(index, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return path(index, leaves[:k]) + [root(leaves[k:])]
    return path(index - k, leaves[k:]) + [root(leaves[:k])]


CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def paper(fingerprint):
    """The paper form of a fingerprint in hex: with a check, in 14 groups of four."""
    data = bytes.fromhex(fingerprint)
    number = int.from_bytes(data + hashlib.sha256(data).digest()[:3], "big")
    digits = "".join(CROCKFORD[number >> 5 * place & 31] for place in reversed(range(56)))
    return "-".join(digits[at : at + 4] for at in range(0, 56, 4))


assert paper(leaf(b"x").hex()) == "7HZ9-QJ9G-VJ9Z-07X6-K62Y-Y91D-KYF8-C7SW-ADAT-M96E-BVTB-9E57-1K5R-9XSS"


class Log:
    """The entries of an archive: what was signed, and the line that is in the tree."""

    def __init__(self, origin=ORIGIN, key=LOG):
        self.origin, self.key = origin, key
        self.lines, self.entries, self.fields, self.about = [], [], [], {}

    def fingerprint(self):
        """What the archive is known by: the leaf hash of its first entry, in hex."""
        return leaf(self.lines[0]).hex()

    def paper(self):
        return paper(self.fingerprint())

    def salt(self, what):
        return sha256(what.encode())[:32]

    def add(self, actor, event, body, fields=(), exhibit=None, also=(), change=None, forge=None, raw=(), signing=None, record=None):
        index = len(self.lines)
        disclosures = [canonical([self.salt(f"{index} {n}"), name, value]) for n, (name, value) in enumerate(fields)] + list(raw)
        disclosures.sort(key=sha256)
        time = f"2026-11-23T09:{index:02}:00.120Z"
        entry = {
            "actor": actor.id,
            "body": dict(body, fields=[sha256(one) for one in disclosures]),
            "event": event,
            "format": "vouchsafe-entry/1",
            "index": index,
            "occurred_at": time,
            "previous": leaf(self.lines[-1]).hex() if index else "0" * 64,
            "recorded_at": time,
            "salt": self.salt(str(index)),
            **({"archive": self.fingerprint()} if index else {"origin": self.origin}),
        }
        for subject, name in (("exhibit", exhibit), ("record", record)):
            if name:
                entry.update({subject: name, subject + "_sequence": self.about.get(name, 0)})
                self.about[name] = entry[subject + "_sequence"] + 1
        if callable(change):
            change(entry)
        else:
            entry.update(change or {})
        # What is changed to nothing is left out.
        entry = {name: value for name, value in entry.items() if value is not None}
        message = canonical(entry)
        if forge == "white space":
            message = message.replace(b'"body":', b'"body": ', 1)
        elif callable(forge):
            message = forge(message)
        signatures = []
        for key in (actor, *also):
            signature = key.sshsig(ENTRY, message)
            if forge == "other key":
                signature = STRANGER.sshsig(ENTRY, message)
            elif forge == "plus order":
                s = int.from_bytes(signature[32:], "little") + L
                signature = signature[:32] + s.to_bytes(32, "little")
            elif forge == "identity":  # fits every message under the key that is the identity
                signature = encode((0, 1, 1, 0)) + bytes(32)
            signatures.append({"key": key.id, "signature": b64(signature)})
        signed = list(zip((actor, *also), signatures))
        signed = signing(signed) if signing else signed
        line = message[:-1] + b',"signatures":' + canonical([signature for _, signature in signed]) + b"}"
        self.lines.append(line)
        self.entries.append((entry, message, signed))
        self.fields.append(disclosures)
        return index


def agent(key, *roles, kind="person"):
    return {"kind": kind, "public_key": key.line, "roles": sorted(roles)}


STATEMENT, MEMO, VIDEO = "X-5K3Y-FTF2-A592-PRKT", "X-8N2C-0QWE-7RTV-11AB", "X-C0DE-4455-6677-88ZZ"
OBJECTS = {
    STATEMENT: (b"This statement is invented. It stands for a testimony.\n", "text/plain", "txt"),
    MEMO: (b"%PDF-1.4\n% invented memo\n" + bytes(range(256)) * 40, "application/pdf", "pdf"),
    VIDEO: (b"\x00\x00\x00\x18ftypmp42 invented " + b"frame" * 50000, "video/mp4", "mp4"),
}
COLLECTION = 'Case "3", 증언\n'
SENSITIVE = {"name", "recipient", "source_name"}


def story(step=lambda name, log: None, hostile=False, objects=None, in_question_from=9, admin=ADMIN):
    """The log of a small archive; `step` is called between the steps and may add to it or act in its place."""
    log, objects = Log(), objects or OBJECTS

    def do(name, *args, **kwargs):
        kwargs.update(step(name, log) or {})
        actor = kwargs.pop("actor", args[0])
        log.add(actor, *args[1:], **kwargs)

    def ingest(exhibit, fields):
        data, media_type, _ = objects[exhibit]
        if not isinstance(data, bytes):
            data = data[1]
        size, digest = (len(data), sha256(data)) if isinstance(data, bytes) else data
        body = {"media_type": media_type, "object": digest, "size_bytes": size, "software": "vouchsafe/0.1.0"}
        do("ingest " + exhibit, ARCHIVIST, "exhibit.ingested", body, fields, exhibit=exhibit)

    bad = "<img src=x onerror=\"document.title='injected'\"><script>document.title='injected'</script>"
    do("create", admin, "archive.created",
       {"administrator": agent(admin, "administrator"), "log_key": LOG.vkey(ORIGIN)}, [("name", "Desk A")])
    do("archivist", admin, "agent.added", {"agent": agent(ARCHIVIST, "archivist", "lawyer")}, [("name", "Archivist 7")])
    do("investigator", admin, "agent.added", {"agent": agent(INVESTIGATOR, "investigator")}, [("name", "Investigator 2")])
    ingest(STATEMENT, [("title", bad if hostile else "증언 17"), ("languages", ["ko", "en"]), ("pages", 1),
                       ("place", {"unknown": "withheld by the source"}), ("original_name", {"bytes": "wfW+8C50eHQ="}),
                       ("source_name", "Source (invented)"), ("collection", "another one, at first")])
    ingest(MEMO, [("title", "Map memo"), ("collection", COLLECTION)])
    do("describe", ARCHIVIST, "exhibit.described", {}, [("languages", ["ko"]), ("collection", COLLECTION)],
       exhibit=STATEMENT)
    do("note", INVESTIGATOR, "exhibit.noted", {}, [("note", bad if hostile else "Read to the source; she confirmed it.")],
       exhibit=STATEMENT, also=(ARCHIVIST,))
    ingest(VIDEO, [("title", "Recording 3"), ("collection", COLLECTION)])
    statement = objects[STATEMENT][0]
    do("copy", ARCHIVIST, "copy.issued", {"object": sha256(statement)},
       [("recipient", "Translator 2"), ("purpose", "translation")], exhibit=STATEMENT)
    do("revoke", admin, "agent.revoked", {"key": INVESTIGATOR.id, "from_index": in_question_from}, [("reason", "left the organisation")])
    do("late note", ARCHIVIST, "exhibit.noted", {}, [("note", "Compared with the map memo.")], exhibit=MEMO)
    step("end", log)
    return log


# ---- The folder -------------------------------------------------------------------------------------------------

KIT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../crates/archive/kit")
DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs")


def read(*parts):
    with open(os.path.join(*parts), "rb") as file:
        return file.read()


def checkpoint(log, key=None, cosigner=None):
    text = f"{log.origin}\n{len(log.lines)}\n{b64(root([leaf(line) for line in log.lines]))}\n"
    head = hashlib.sha256(log.origin.encode() + b"\n\x01" + log.key.public).digest()[:4]
    note = f"{text}\n— {log.origin} {b64(head + sign((key or log.key).seed, text.encode()))}\n"
    if cosigner:
        note += cosigner if isinstance(cosigner, str) else f"— cosigner.example {b64(bytes(4) + sign(cosigner.seed, text.encode()))}\n"
    return note.encode()


def receipt(log, index, note):
    """That the log holds this entry, as far as the note says."""
    hashes = "".join(b64(one) + "\n" for one in path(index, [leaf(line) for line in log.lines]))
    return f"c2sp.org/tlog-proof@v1\nextra {b64(log.lines[index])}\nindex {index}\n{hashes}\n".encode() + note


def letter(log, indices, fields=None, note=None, **change):
    """What an archive tells another: the last of these entries of its log, all that proves it, and its fields."""
    fields = log.fields[indices[-1]] if fields is None else fields
    said = {"archive": log.fingerprint(), "fields": [json.loads(one) for one in fields], "format": "vouchsafe-letter/1",
            "receipts": [receipt(log, index, note or checkpoint(log)).decode() for index in indices]}
    return canonical(dict(said, **change)) + b"\n"


def field_name(disclosure):
    """The name of a field, as far as it is one."""
    return (disclosure.split(b'"') + [b""] * 4)[3].decode(errors="replace")


def write_entry(files, log, index, name, note, withhold):
    entry, message, signatures = log.entries[index]
    files[name + ".json"] = message
    for n, (key, signature) in enumerate(signatures):
        suffix = ".sig" if n == 0 else f".{n + 1}.sig"
        files[name + ".json" + suffix] = key.armor(ENTRY, base64.b64decode(signature["signature"] + "=="))
    files[name + ".tlog-proof"] = receipt(log, index, note)
    # Of the names of agents, only the archivist's is disclosed.
    withhold = SENSITIVE.union(withhold)
    shown = [one for one in log.fields[index] if field_name(one) not in withhold or b"Archivist" in one]
    files[name + ".fields.json"] = b"[" + b",".join(shown) + b"]"
    return len(log.fields[index]) - len(shown)


def bundle(log, signer=ARCHIVIST, objects=None, log_key=None, agents=None, describe=None, cosigner=None, withhold=(),
           known=(ADMIN, ARCHIVIST, INVESTIGATOR)):
    """Every file of the bundle but the manifests and their signatures."""
    files, withheld, entries, objects = {}, 0, 0, objects or OBJECTS
    note = checkpoint(log, log_key, cosigner)
    sequences = {}
    for index, (entry, _, _) in enumerate(log.entries):
        exhibit = entry.get("exhibit")
        if exhibit:
            n = sequences.setdefault(exhibit, 0)
            withheld += write_entry(files, log, index, f"exhibits/{exhibit}/{n:04}", note, withhold)
            sequences[exhibit], entries = n + 1, entries + 1
        elif agents is None or index in agents:
            write_entry(files, log, index, f"agents/{index:010}", note, withhold)
    for exhibit in sequences:
        data, _, ending = objects[exhibit]
        files[f"data/{exhibit}.{ending}"] = data
    # The body of a newer first entry may hold anything.
    first = log.entries[0][0]["body"].get("administrator", agent(ADMIN))["public_key"]
    files["keys/allowed_signers"] = "".join(
        f'{key.id} namespaces="vouchsafe-approval@1,vouchsafe-bundle@1,vouchsafe-entry@1" {key.line}\n' for key in sorted(known, key=lambda key: key.id)).encode()
    files["keys/signer.pub.pem"], files["keys/log.pub.pem"] = signer.pem(), log.key.pem()
    files["keys/log.vkey"] = log.key.vkey(log.origin).encode() + b"\n"
    files["log/checkpoint"] = note
    size = sum(len(data) if isinstance(data, bytes) else data[1][0] for name, data in files.items() if name.startswith("data/"))
    files["bagit.txt"] = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    files["bag-info.txt"] = f"Bag-Software-Agent: vouchsafe/0.1.0\nBagging-Date: 2026-11-23\nPayload-Oxum: {size}.{len(sequences)}\n".encode()
    files["report/index.csv"] = b"exhibit,title\n" + STATEMENT.encode() + b",invented\n"
    for name in ("README-VERIFY.txt", "verify.sh", "verify.ps1", "verify.html"):
        files[name] = read(KIT, name) if os.path.exists(os.path.join(KIT, name)) else b"not written\n"
    files["FORMAT.md"], files["BUNDLE.md"] = read(DOCS, "format.md"), read(DOCS, "bundle.md")
    about = {
        "administrator": first, "archive": log.fingerprint(), "created_at": "2026-11-23T10:00:00.000Z", "entries": entries,
        "exhibits": len(sequences), "format": "vouchsafe-bundle/1", "log_key": log.key.vkey(log.origin), "origin": log.origin,
        "root": root([leaf(line) for line in log.lines]).hex(), "signer": signer.id, "size": len(log.lines),
        "software": "vouchsafe/0.1.0", "withheld_fields": withheld,
    }
    about.update(describe or {})
    files["bundle.json"] = canonical(about) + b"\n"
    return files


def statement(collection=COLLECTION, included=(STATEMENT, MEMO, VIDEO), reasons=("consent", "witness-identity", "consent"), **change):
    """A statement of completeness; of the exhibits that it withholds nothing is known."""
    salt = sha256(b"statement")[:32]
    commit = lambda n: sha256(b"vouchsafe-member@1\n" + bytes.fromhex(salt) + leaf(str(n).encode()) + bytes(16))
    withheld = sorted(({"member": commit(n), "reason": reason} for n, reason in enumerate(reasons)), key=lambda one: one["member"])
    said = {"collection": collection, "format": "vouchsafe-completeness/1", "held": len(included) + len(withheld),
            "included": sorted(included), "salt": salt, "withheld": withheld}
    said.update(change)
    return canonical(said) + b"\n"


SEALS = ("manifest-sha256.txt", "tagmanifest-sha256.txt", "tagmanifest-sha256.txt.sig", "tagmanifest-sha256.txt.ed25519")


def digest_of(data):
    return sha256(data) if isinstance(data, bytes) else data[1][1]


def manifest(files, payload, ending="\n"):
    names = sorted((n for n in files if n.startswith("data/") == payload and n not in SEALS[1:]), key=str.encode)
    return "".join(f"{digest_of(files[name])}  {name}{ending}" for name in names).encode()


def seal(files, signer=ARCHIVIST, ending="\n", leave_out=()):
    """Adds the manifests and the two signatures of the bundle."""
    listed = {name: data for name, data in files.items() if name not in leave_out and name not in SEALS}
    files["manifest-sha256.txt"] = listed["manifest-sha256.txt"] = manifest(listed, True, ending)
    tags = files["tagmanifest-sha256.txt"] = manifest(listed, False, ending)
    files["tagmanifest-sha256.txt.sig"] = signer.armor(BUNDLE, signer.sshsig(BUNDLE, tags))
    files["tagmanifest-sha256.txt.ed25519"] = sign(signer.seed, tags)
    return files


# ---- Dossiers ---------------------------------------------------------------------------------------------------


def tar_header(name, size):
    block = bytearray(512)
    block[: len(name)] = name.encode()
    block[100:157] = b"0000444\0" + b"0000000\0" * 2 + b"%011o\0" % size + b"00000000000\0" + b" " * 8 + b"0"
    block[257:265], block[329:345] = b"ustar\x0000", b"0000000\0" * 2
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def dossier(files, without=()):
    """What is handed on of a bundle that was received, without some of its exhibits."""
    left_out = ("data/", "report/", "metadata/", "foreign/", "README", "verify.", "FORMAT", "BUNDLE", *(f"exhibits/{one}/" for one in without))
    kept = sorted((name for name in files if not name.startswith(left_out)), key=str.encode)
    return b"".join(tar_header(name, len(files[name])) + files[name] + bytes(-len(files[name]) % 512) for name in kept) + bytes(1024)
