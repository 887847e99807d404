"""Lets the interpreter that is kept in a plugin see nothing of the machine it ran on.

The interpreter imports `encodings` before anything else, and finds this as one that is
built into it; it becomes the real one at its end. From then on modules are found and
read without asking for the dates, numbers and order of files, which no two disks share:
what an object held stays in memory after it, and so in the plugin. What modules of the
interpreter's own draw when they are loaded is the same each time.

Owns: how modules are found while a plugin is made. Must not know: plugins.
"""

import sys

import _frozen_importlib
import _frozen_importlib_external as files
import _imp
import posix

# The folders of a project by the place that the tool gives them, for messages.
PARTS = {"/1/": "src/", "/2/": "lombard/"}
# What is left to the interpreter's own finder, which lists folders for it.
OTHERS = [*_imp.extension_suffixes(), ".pyc"]


def is_there(path, flags=posix.O_RDONLY):
    """Whether a file or folder can be opened."""
    try:
        posix.close(posix.open(path, flags))
    except OSError:
        return False
    return True


class Loader(files.SourceFileLoader):
    """Reads a module's source, and neither its dates nor what was compiled before."""

    def path_stats(self, path):
        raise OSError

    def set_data(self, path, data, *, _mode=0o666):
        pass

    def source_to_code(self, source, path, *, _optimize=-1):
        path = PARTS.get(path[:3], path[:3]) + path[3:]
        return super().source_to_code(source, path, _optimize=_optimize)

    def get_data(self, path):
        file = posix.open(path, posix.O_RDONLY)
        try:
            parts = []
            while part := posix.read(file, 1 << 16):
                parts.append(part)
            return b"".join(parts)
        finally:
            posix.close(file)


class SettledLoader(Loader):
    """Loads a module with a stand-in for the one that it would draw from."""

    def exec_module(self, module):
        name, settle = SETTLED[module.__name__]
        real = _frozen_importlib._gcd_import(name)
        stand_in = type(sys)(name)
        stand_in.__dict__.update(real.__dict__)
        settle(stand_in)
        sys.modules[name] = stand_in
        try:
            super().exec_module(module)
        finally:
            sys.modules[name] = real
        setattr(module, name, real)


def settle_random(module):
    """A generator is seeded with 0 where it would draw a seed."""

    class Random(module.Random):
        def seed(self, a=None):
            super().seed(0 if a is None else a)

    module.Random = Random


def settle_time(module):
    """The clock stands at 1970."""
    module.time_ns = lambda: 0


# Modules of the interpreter's own that draw something when they are loaded, and keep it:
# `random` the seed of the generator that all share, `logging` the time of its start.
SETTLED = {"random": ("_random", settle_random), "logging": ("time", settle_time)}


class Finder:
    """Finds a module by opening the files it may be in."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        last = name.rpartition(".")[2]
        portions = []
        for folder in sys.path if path is None else path:
            stem = f"{folder}/{last}"
            file, inner = f"{stem}/__init__.py", [stem]
            if not is_there(file):
                file, inner = f"{stem}.py", None
            if is_there(file):
                is_settled = name in SETTLED and folder == "/python"
                loader = SettledLoader if is_settled else Loader
                return files.spec_from_file_location(
                    name, file, loader=loader(name, file), submodule_search_locations=inner
                )
            if any(is_there(stem + ending) for ending in OTHERS):
                return files.PathFinder.find_spec(name, path, target)
            if is_there(stem, posix.O_RDONLY | posix.O_DIRECTORY):
                portions.append(stem)
        if not portions:
            return None
        spec = _frozen_importlib.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = portions
        return spec

    find_distributions = files.PathFinder.find_distributions
    invalidate_caches = files.PathFinder.invalidate_caches


sys.meta_path[sys.meta_path.index(files.PathFinder)] = Finder
__spec__ = Finder.find_spec("encodings")
__file__, __loader__, __package__ = __spec__.origin, __spec__.loader, "encodings"
__path__ = __spec__.submodule_search_locations
exec(__loader__.get_code("encodings"), globals())
