"""python -m gotwatch"""

import sys

from gotwatch.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
