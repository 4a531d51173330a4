"""Runs a module's main() as gotwatch runs: its main module, which each child imports once more, brings in nothing."""

import importlib
import sys

if __name__ == "__main__":
    importlib.import_module(sys.argv[1]).main(*sys.argv[2:])
