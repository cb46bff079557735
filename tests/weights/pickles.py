"""Writes files of PyTorch's two formats opcode by opcode, so that a test can put anything into them."""

import pickle
import struct
import zipfile
from dataclasses import dataclass

MAGIC = 0x1950A86A20F9469CFC6C


@dataclass
class Global:
    """A name that the unpickler looks up; `stack` writes it as protocol 4 does, where dots mean attributes."""

    module: str
    name: str
    stack: bool = False


@dataclass
class Call:
    """A call of what another object stands for, and what is then set as its state."""

    function: object
    arguments: tuple
    state: object = None


@dataclass
class Built:
    """Any object, and the state that BUILD sets on it."""

    value: object
    state: object


@dataclass
class Persistent:
    """A reference to something outside of the pickle."""

    identity: object


def storage(kind="FloatStorage", key="0", count=4, view=()):
    return Persistent(("storage", Global("torch", kind), key, "cpu", count, *view))


def tensor(size, stride, offset=0, of=None):
    rebuild = Global("torch._utils", "_rebuild_tensor_v2")
    hooks = Call(Global("collections", "OrderedDict"), ())
    return Call(rebuild, (storage() if of is None else of, offset, size, stride, False, hooks))


def pickled(value, protocol=2):
    return b"\x80" + bytes([protocol]) + opcodes(value) + b"."


def opcodes(value):
    match value:
        case Global(module, name, True):
            return opcodes(module) + opcodes(name) + b"\x93"
        case Global(module, name):
            return f"c{module}\n{name}\n".encode()
        case Call(function, arguments, state):
            set_state = b"" if state is None else opcodes(state) + b"b"
            return opcodes(function) + opcodes(arguments) + b"R" + set_state
        case Built(value, state):
            return opcodes(value) + opcodes(state) + b"b"
        case Persistent(identity):
            return opcodes(identity) + b"Q"
        case tuple():
            return b"(" + b"".join(map(opcodes, value)) + b"t"
        case list():
            return b"](" + b"".join(map(opcodes, value)) + b"e"
        case dict():
            return b"}(" + b"".join(opcodes(part) for item in value.items() for part in item) + b"u"
    return pickle.dumps(value, 2)[2:-1]


def zip_file(path, document, storages=None, order=None, method=zipfile.ZIP_STORED):
    """`document` is an object for `pickled`, or bytes as they are."""
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("archive/data.pkl", document if isinstance(document, bytes) else pickled(document))
        for key, content in (storages or {}).items():
            archive.writestr(f"archive/data/{key}", content)
        if order:
            archive.writestr("archive/byteorder", order)
    return path


def legacy_file(path, document, storages=None, magic=MAGIC, version=1001):
    """`storages` maps a key to the number of elements that the file declares, and its bytes."""
    storages = storages or {}
    machine = {"protocol_version": version, "little_endian": True}
    path.write_bytes(
        b"".join(pickled(part) for part in (magic, version, machine, document, list(storages)))
        + b"".join(struct.pack("<q", count) + content for count, content in storages.values())
    )
    return path
